import { describe, expect, it } from 'vitest';
import type { NamespaceDiff } from '../../../shared/diff';
import { defaultMetadata } from '../../../shared/restore';
import { metadataEffectOf, metadataText, sumMetadataEffects } from './metadata-effect';

const index = (name: string) => ({ name, backup: {}, target: {} });
const diff: NamespaceDiff = {
  ns: 'shop.orders',
  targetNs: 'shop.orders',
  type: 'collection',
  status: 'differs',
  comparedBy: 'digest',
  comparedReason: null,
  documents: { inBackup: 3, inTarget: 3, same: 3, changed: 0, onlyInBackup: 0, onlyInTarget: 0 },
  indexes: { same: [index('_id_')], add: [index('at_1')], change: [index('total_1')], remove: [index('x_1')] },
  options: { same: false, backup: {}, target: {} },
  details: null,
  effect: { insert: 0, replace: 0, delete: 0, keep: 3, conflict: 0 },
};

describe('what a mode does to metadata', () => {
  it('exact rebuilds what differs', () => {
    expect(metadataText(metadataEffectOf('exact', diff))).toBe(
      '2 indexes built · 2 indexes dropped · options of 1 collection changed',
    );
  });

  it('insert-missing only adds', () => {
    expect(metadataText(metadataEffectOf('insert-missing', diff))).toBe('1 index built');
  });

  it('clone and drop build everything but _id', () => {
    expect(metadataText(metadataEffectOf('clone', diff))).toBe('1 collection created · 2 indexes built');
    expect(metadataText(metadataEffectOf('drop', diff))).toBe(
      '1 collection dropped · 1 collection created · 2 indexes built',
    );
  });

  it('leaves collections that only the target has, but in exact', () => {
    const only: NamespaceDiff = { ...diff, status: 'onlyInTarget' };
    expect(metadataText(metadataEffectOf('drop', only))).toBe('');
    expect(metadataEffectOf('exact', only).collectionsDropped).toBe(1);
    expect(sumMetadataEffects([metadataEffectOf('exact', only), metadataEffectOf('exact', diff)]).indexesBuilt).toBe(2);
  });
});

describe('what is chosen of metadata', () => {
  const choice = { ...defaultMetadata('merge'), options: true, missingIndexes: false, extraIndexes: true };

  it('takes the place of what the mode does by itself', () => {
    expect(metadataText(metadataEffectOf('merge', diff, choice))).toBe(
      '1 index dropped · options of 1 collection changed',
    );
    expect(metadataText(metadataEffectOf('clone', diff, choice))).toBe('1 collection created · 2 indexes built');
  });

  it('decides about collections that only one side has', () => {
    const extra: NamespaceDiff = { ...diff, status: 'onlyInTarget' };
    const keep = { ...defaultMetadata('exact'), extraNamespaces: false };
    expect(metadataText(metadataEffectOf('exact', extra, keep))).toBe('');
    const missing: NamespaceDiff = { ...diff, status: 'onlyInBackup' };
    expect(metadataText(metadataEffectOf('pick', missing))).toBe('');
    expect(metadataText(metadataEffectOf('pick', missing, null, true))).toBe('1 collection created');
    expect(metadataText(metadataEffectOf('merge', missing, choice))).toBe('1 collection created');
  });
});
