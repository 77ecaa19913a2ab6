/** Element types of BSON by the number that stands in the bytes. */
export const bsonType = {
  double: 0x01,
  string: 0x02,
  object: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  dbPointer: 0x0c,
  javaScript: 0x0d,
  symbol: 0x0e,
  javaScriptWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  maxKey: 0x7f,
  minKey: 0xff,
} as const;

/** Names as MongoDB's shell and manual use them. */
const bsonTypeNames = [
  'Double',
  'String',
  'Object',
  'Array',
  'Binary',
  'Undefined',
  'ObjectId',
  'Boolean',
  'Date',
  'Null',
  'Regex',
  'DBPointer',
  'JavaScript',
  'Symbol',
  'JavaScriptWithScope',
  'Int32',
  'Timestamp',
  'Int64',
  'Decimal128',
  'MaxKey',
  'MinKey',
] as const;
export type BsonTypeName = (typeof bsonTypeNames)[number];

/** Null for a number that is no BSON type. */
export function bsonTypeName(type: number): BsonTypeName | null {
  if (type >= 0x01 && type <= 0x13) return bsonTypeNames[type - 1] ?? null;
  if (type === bsonType.maxKey) return 'MaxKey';
  if (type === bsonType.minKey) return 'MinKey';
  return null;
}
