import { Button, Group, Select, SimpleGrid, Switch, TextInput } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { api, useAction } from '../../api';
import { ErrorPanel } from '../../components/error-panel';
import { buildUri, optionOf, withOption, type UriParts } from './connection-uri';

interface UriFieldsProps {
  parts: UriParts;
  onChange: (uri: string) => void;
}

const readPreferences = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest'];

/** The connection string as fields; options without a field stay in it. */
export function UriFields({ parts, onChange }: UriFieldsProps) {
  const change = (next: UriParts) => onChange(buildUri(next));
  const option = (name: string) => optionOf(parts, name);
  const setOption = (name: string, value: string) => change(withOption(parts, name, value));
  const usesTls = option('tls') === 'true' || option('ssl') === 'true' || (parts.srv && option('tls') !== 'false');
  return (
    <SimpleGrid cols={2} spacing={16} verticalSpacing={12}>
      <Select
        label="Kind of address"
        data={[
          { value: 'mongodb', label: 'Hosts (mongodb://)' },
          { value: 'mongodb+srv', label: 'DNS seed list (mongodb+srv://)' },
        ]}
        value={parts.srv ? 'mongodb+srv' : 'mongodb'}
        onChange={(value) => change({ ...parts, srv: value === 'mongodb+srv' })}
      />
      <TextInput
        label={parts.srv ? 'Host name' : 'Hosts'}
        placeholder="a:27017,b:27017,c:27017"
        value={parts.hosts}
        spellCheck={false}
        onChange={(event) => {
          const hosts = event.currentTarget.value.replace(/[\s/?#@]/g, '');
          if (hosts !== '') change({ ...parts, hosts });
        }}
      />
      <TextInput
        label="Replica set"
        placeholder="rs0"
        value={option('replicaSet')}
        spellCheck={false}
        onChange={(event) => setOption('replicaSet', event.currentTarget.value)}
      />
      <TextInput
        label="Authentication database"
        placeholder="admin"
        value={option('authSource')}
        spellCheck={false}
        onChange={(event) => setOption('authSource', event.currentTarget.value)}
      />
      <Select
        label="Read preference"
        data={readPreferences}
        value={option('readPreference') || 'primary'}
        onChange={(value) => setOption('readPreference', value === null || value === 'primary' ? '' : value)}
      />
      <Switch
        mt={24}
        label="Direct connection"
        description="To this host alone, without looking for the other members"
        checked={option('directConnection') === 'true'}
        onChange={(event) => setOption('directConnection', event.currentTarget.checked ? 'true' : '')}
      />
      <Switch
        label="TLS"
        description="Encrypted connection"
        checked={usesTls}
        onChange={(event) => setOption('tls', event.currentTarget.checked ? 'true' : parts.srv ? 'false' : '')}
      />
      <div />
      <FileField
        label="CA file"
        title="Choose the certificate authority's file"
        value={option('tlsCAFile')}
        disabled={!usesTls}
        onChange={(value) => setOption('tlsCAFile', value)}
      />
      <FileField
        label="Client key file"
        title="Choose the client's certificate and key"
        value={option('tlsCertificateKeyFile')}
        disabled={!usesTls}
        onChange={(value) => setOption('tlsCertificateKeyFile', value)}
      />
    </SimpleGrid>
  );
}

interface FileFieldProps {
  label: string;
  title: string;
  value: string;
  disabled: boolean;
  onChange: (path: string) => void;
}

function FileField({ label, title, value, disabled, onChange }: FileFieldProps) {
  const choose = useAction(async () => {
    const path = await api('dialogs.choose-file', { title, extensions: ['pem', 'crt', 'cer', 'key'] });
    if (path !== null) onChange(path);
  });
  return (
    <div>
      <Group gap={8} align="flex-end" wrap="nowrap">
        <TextInput
          label={label}
          placeholder="/etc/ssl/mongodb.pem"
          value={value}
          disabled={disabled}
          spellCheck={false}
          style={{ flex: 1 }}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
        <Button
          variant="default"
          disabled={disabled}
          aria-label={`Choose ${label}`}
          leftSection={<IconFolderOpen size={14} aria-hidden />}
          onClick={() => void choose.run()}
        >
          Choose…
        </Button>
      </Group>
      {choose.error ? <ErrorPanel error={choose.error} /> : null}
    </div>
  );
}
