/** Why a BSON document is broken, by the kernel's code (kernel/assembly/validate.ts). */
const reasons: readonly string[] = [
  'no fault',
  'its length is impossible',
  'an embedded document is longer than what surrounds it',
  'it does not end with a NUL byte where its length says',
  'an element has a type that BSON does not know',
  'a field name does not end',
  'a value is longer than what surrounds it',
  'the length of a string is impossible',
  'a string does not end with a NUL byte',
  'a boolean is neither 0 nor 1',
  'the length of binary data is impossible',
  'a regular expression does not end',
  'the lengths of code with scope contradict each other',
  'it is nested more than 1,024 levels deep',
  'it ends before its length says',
];

/** Half a sentence in plain words. */
export function describeFault(code: number): string {
  return reasons[code] ?? `unknown fault ${code}`;
}
