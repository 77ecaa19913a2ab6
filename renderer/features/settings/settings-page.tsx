import { Tabs } from '@mantine/core';
import { Page } from '../../components/page';
import { Waiting } from '../../components/waiting';
import { useReady } from '../../readiness';
import { useApp } from '../../state/app-state';
import { AboutPanel } from './about-panel';
import { ChannelsPanel } from './channels/channels-panel';
import { StoresPanel } from './stores-panel';
import { ToolsPanel } from './tools-panel';
import { WorkPanel } from './work-panel';

export function SettingsPage() {
  const settings = useApp((state) => state.settings);
  useReady('Settings', settings !== null);
  return (
    <Page title="Settings" sentence="Kept on this computer; each change is saved at once.">
      {settings ? (
        <Tabs defaultValue="tools">
          <Tabs.List aria-label="Settings" mb={16}>
            <Tabs.Tab value="tools">Tools</Tabs.Tab>
            <Tabs.Tab value="stores">Stores</Tabs.Tab>
            <Tabs.Tab value="channels">Channels</Tabs.Tab>
            <Tabs.Tab value="work">Appearance and work</Tabs.Tab>
            <Tabs.Tab value="about">About</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="tools">
            <ToolsPanel />
          </Tabs.Panel>
          <Tabs.Panel value="stores">
            <StoresPanel />
          </Tabs.Panel>
          <Tabs.Panel value="channels">
            <ChannelsPanel />
          </Tabs.Panel>
          <Tabs.Panel value="work">
            <WorkPanel settings={settings} />
          </Tabs.Panel>
          <Tabs.Panel value="about">
            <AboutPanel />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <Waiting for="Reading the settings" />
      )}
    </Page>
  );
}
