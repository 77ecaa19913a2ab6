/** What the connection form holds while it is edited. */
import {
  connectionInputSchema,
  type Connection,
  type ConnectionInput,
  type SecretPlace,
} from '../../../shared/connections';
import { buildUri, parseUri } from './connection-uri';

export interface ConnectionDraft {
  name: string;
  colour: Connection['colour'];
  environment: Connection['environment'];
  readOnly: boolean;
  uri: string;
  username: string;
  password: string;
  /** False: the saved password stays. */
  passwordTouched: boolean;
  /** Null until the user chooses: then what is possible here decides. */
  secretPlace: SecretPlace | null;
}

export const emptyDraft: ConnectionDraft = {
  name: '',
  colour: 'blue',
  environment: 'development',
  readOnly: false,
  uri: 'mongodb://127.0.0.1:27017/',
  username: '',
  password: '',
  passwordTouched: false,
  secretPlace: null,
};

export function draftOf(connection: Connection): ConnectionDraft {
  return {
    ...emptyDraft,
    name: connection.name,
    colour: connection.colour,
    environment: connection.environment,
    readOnly: connection.readOnly,
    uri: connection.uri,
    username: connection.username ?? '',
    secretPlace: connection.secretPlace,
  };
}

/** Moves user name and password out of a pasted connection string into their own fields. */
export function withUri(draft: ConnectionDraft, uri: string): ConnectionDraft {
  const parts = parseUri(uri);
  if (!parts || parts.username === null) return { ...draft, uri };
  return {
    ...draft,
    uri: buildUri(parts),
    username: parts.username,
    ...(parts.password === null ? {} : { password: parts.password, passwordTouched: true }),
  };
}

/** The place the password goes to: the user's choice, else the best there is here. */
export function secretPlaceOf(draft: ConnectionDraft, keychain: boolean): SecretPlace {
  if (draft.username.trim() === '') return 'none';
  if (draft.secretPlace !== null && draft.secretPlace !== 'none') return draft.secretPlace;
  return keychain ? 'keychain' : 'ask';
}

export type DraftErrors = Partial<Record<'name' | 'uri' | 'username', string>>;

/** The input for the services, or what is wrong with which field. */
export function inputOf(
  draft: ConnectionDraft,
  keychain: boolean,
): { input: ConnectionInput; errors: null } | { input: null; errors: DraftErrors } {
  const errors: DraftErrors = {};
  if (draft.name.trim() === '') errors.name = 'Give the connection a name';
  if (!parseUri(draft.uri)) errors.uri = 'This is no connection string: mongodb://host:27017 or mongodb+srv://host';
  if (Object.keys(errors).length > 0) return { input: null, errors };
  const secretPlace = secretPlaceOf(draft, keychain);
  const username = draft.username.trim();
  const parsed = connectionInputSchema.safeParse({
    name: draft.name,
    colour: draft.colour,
    environment: draft.environment,
    readOnly: draft.readOnly,
    uri: draft.uri,
    username: username === '' ? null : username,
    secretPlace,
    ...(secretPlace === 'none' ? { password: '' } : draft.passwordTouched ? { password: draft.password } : {}),
  });
  if (parsed.success) return { input: parsed.data, errors: null };
  for (const { path, message } of parsed.error.issues) {
    const [field] = path;
    if (field === 'name' || field === 'uri' || field === 'username') errors[field] = message;
    else errors.name = message;
  }
  return { input: null, errors };
}
