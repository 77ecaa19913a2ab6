import { describe, expect, it } from 'vitest';
import { differingOptions, indexMarks, optionMarks } from './namespace-marks';

const index = { name: 'a_1', backup: {}, target: {} };

describe('marks of metadata differences', () => {
  it('count indexes with their signs', () => {
    expect(indexMarks({ indexes: { same: [index], add: [], change: [], remove: [] } })).toBe('=');
    expect(indexMarks({ indexes: { same: [], add: [index], change: [index, index], remove: [index] } })).toBe(
      '+1 ≠2 −1',
    );
  });

  it('name the options that differ', () => {
    expect(optionMarks({ options: { same: true, backup: null, target: null } })).toBe('=');
    expect(
      optionMarks({
        options: { same: false, backup: { validator: { a: 1 }, capped: true }, target: { capped: true } },
      }),
    ).toBe('validator ≠');
    const several = { options: { same: false, backup: { validator: {}, validationLevel: 'strict' }, target: {} } };
    expect(optionMarks(several)).toBe('validator +1 ≠');
    expect(differingOptions(several)).toEqual(['validator', 'validationLevel']);
    expect(optionMarks({ options: { same: false, backup: {}, target: {} } })).toBe('≠');
  });
});
