import { NumberInput, Select, SimpleGrid, Stack, Switch } from '@mantine/core';
import { useAction } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { Section } from '../../components/page';
import { themes, type Settings, type SettingsPatch } from '../../../shared/settings';
import { useApp } from '../../state/app-state';

const mebibyte = 1024 * 1024;
const themeNames = { system: 'As the system', dark: 'Dark', light: 'Light' };

/** Theme, and how much a job may take of the machine. */
export function WorkPanel({ settings }: { settings: Settings }) {
  const updateSettings = useApp((state) => state.updateSettings);
  const save = useAction(async (patch: SettingsPatch) => updateSettings(patch));
  const number = (apply: (value: number) => SettingsPatch) => (value: string | number) => {
    if (typeof value === 'number' && Number.isInteger(value)) void save.run(apply(value));
  };
  return (
    <Stack gap={16} maw={960}>
      {save.error ? <ErrorPanel error={save.error} /> : null}
      <Section title="Appearance">
        <Select
          label="Theme"
          maw={456}
          data={themes.map((theme) => ({ value: theme, label: themeNames[theme] }))}
          value={settings.theme}
          onChange={(value) => {
            const theme = themes.find((known) => known === value);
            if (theme) void save.run({ theme });
          }}
        />
      </Section>
      <Section title="Work">
        <SimpleGrid cols={2} spacing={16} verticalSpacing={12}>
          <NumberInput
            label="Collections read at the same time"
            description="1 to 16; more is faster and loads the server more. A backup can choose its own."
            min={1}
            max={16}
            clampBehavior="strict"
            value={settings.parallelCollections}
            onChange={number((parallelCollections) => ({ parallelCollections }))}
          />
          <NumberInput
            label="Compression level"
            description="1 (fast) to 9 (small) of gzip"
            min={1}
            max={9}
            clampBehavior="strict"
            value={settings.compressionLevel}
            onChange={number((compressionLevel) => ({ compressionLevel }))}
          />
          <NumberInput
            label="Memory of a diff, in MiB"
            description="Past it, the diff works in parts on the disk"
            min={16}
            max={65_536}
            step={16}
            value={Math.round(settings.diffMemoryBytes / mebibyte)}
            onChange={number((mebibytes) => (mebibytes >= 16 ? { diffMemoryBytes: mebibytes * mebibyte } : {}))}
          />
        </SimpleGrid>
      </Section>
      <HealthSettings settings={settings} save={save.run} />
    </Stack>
  );
}

function HealthSettings({ settings, save }: { settings: Settings; save: (patch: SettingsPatch) => Promise<void> }) {
  const platform = useApp((state) => state.info?.platform);
  return (
    <Section title="Health">
      <Stack gap={12}>
        <NumberInput
          label="Seconds between samples of a deployment"
          maw={456}
          description="1 to 60; while Lifeboat runs, also minimised, every saved connection is watched"
          min={1}
          max={60}
          clampBehavior="strict"
          value={settings.healthIntervalSeconds}
          onChange={(value) => {
            if (typeof value === 'number' && Number.isInteger(value)) void save({ healthIntervalSeconds: value });
          }}
        />
        {platform === 'darwin' ? null : (
          <Switch
            label="Keep watching in the background"
            description="Closing the window leaves Lifeboat in the tray; it ends by Quit there or in the menu. Where there is no tray, starting Lifeboat again brings the window back."
            checked={settings.watchInBackground}
            onChange={(event) => void save({ watchInBackground: event.currentTarget.checked })}
          />
        )}
      </Stack>
    </Section>
  );
}
