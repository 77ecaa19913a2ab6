/** What the demo holds: collections with their options, indexes and documents. */
import type { CreateCollectionOptions, Document, IndexDescription } from 'mongodb';
import {
  campaign,
  cart,
  counts,
  customer,
  dailySales,
  measurement,
  order,
  pageview,
  product,
  review,
  stock,
  store,
} from './documents';
import { orderStatuses } from './words';

export interface DemoCollection {
  database: 'shop' | 'analytics';
  name: string;
  options?: CreateCollectionOptions;
  indexes?: IndexDescription[];
  count: number;
  document(index: number): Document;
}

function noDocument(): never {
  throw new Error('This collection is filled later, or never');
}

const customerValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['name', 'email', 'since'],
    properties: {
      email: { bsonType: 'string', pattern: '@' },
      tier: { enum: ['standard', 'silver', 'gold'] },
      since: { bsonType: 'date' },
    },
  },
};

const orderValidator = {
  $jsonSchema: {
    bsonType: 'object',
    required: ['customerId', 'status', 'items', 'total', 'at'],
    properties: {
      status: { enum: [...orderStatuses] },
      items: { bsonType: 'array', minItems: 1 },
      total: { bsonType: ['decimal', 'double', 'int', 'long'], minimum: 0 },
      at: { bsonType: 'date' },
    },
  },
};

/** Seconds after which the server removes a session: a week. */
const sessionSeconds = 7 * 86_400;

/** In the order in which they are made; a view comes after what it reads. */
export const demoCollections: readonly DemoCollection[] = [
  {
    database: 'shop',
    name: 'customers',
    count: counts.customers,
    document: customer,
    options: { validator: customerValidator, validationLevel: 'moderate' },
    indexes: [{ key: { email: 1 }, unique: true }, { key: { 'name.last': 1, 'name.first': 1 } }, { key: { tier: 1 } }],
  },
  {
    database: 'shop',
    name: 'products',
    count: counts.products,
    document: product,
    indexes: [{ key: { category: 1, price: 1 } }, { key: { tags: 1 } }],
  },
  {
    database: 'shop',
    name: 'orders',
    count: counts.orders,
    document: order,
    options: { validator: orderValidator },
    indexes: [
      { key: { number: 1 }, unique: true },
      { key: { customerId: 1, at: -1 } },
      { key: { status: 1, at: -1 } },
      { key: { note: 1 }, sparse: true },
    ],
  },
  {
    database: 'shop',
    name: 'inventory',
    count: counts.inventory,
    document: stock,
    indexes: [
      { key: { '_id.warehouse': 1 } },
      { key: { quantity: 1 }, partialFilterExpression: { quantity: { $lt: 5 } } },
    ],
  },
  {
    database: 'shop',
    name: 'reviews',
    count: counts.reviews,
    document: review,
    indexes: [{ key: { title: 'text', body: 'text' }, weights: { title: 3, body: 1 } }, { key: { sku: 1, stars: -1 } }],
  },
  {
    database: 'shop',
    name: 'carts',
    count: counts.carts,
    document: cart,
    indexes: [{ key: { updatedAt: 1 }, partialFilterExpression: { abandoned: true } }],
  },
  {
    database: 'shop',
    name: 'stores',
    count: counts.stores,
    document: store,
    options: { collation: { locale: 'en', strength: 2 } },
    indexes: [{ key: { location: '2dsphere' } }, { key: { name: 1 } }],
  },
  {
    database: 'shop',
    name: 'sessions',
    count: 0,
    document: noDocument,
    indexes: [{ key: { lastSeenAt: 1 }, expireAfterSeconds: sessionSeconds }, { key: { customerId: 'hashed' } }],
  },
  {
    database: 'shop',
    name: 'pageviews',
    count: counts.pageviews,
    document: (index) => pageview(index),
    options: { capped: true, size: 8 * 1024 * 1024, max: 50_000 },
  },
  {
    database: 'shop',
    name: 'warehouse_temperature',
    count: counts.measurements,
    document: measurement,
    options: { timeseries: { timeField: 'at', metaField: 'sensor', granularity: 'minutes' } },
  },
  {
    database: 'shop',
    name: 'order_totals_by_day',
    count: 0,
    document: noDocument,
    options: {
      viewOn: 'orders',
      pipeline: [
        { $match: { status: { $ne: 'cancelled' } } },
        {
          $group: {
            _id: { $dateToString: { format: '%Y-%m-%d', date: '$at' } },
            orders: { $sum: 1 },
            total: { $sum: '$total' },
          },
        },
        { $sort: { _id: 1 } },
      ],
    },
  },
  { database: 'analytics', name: 'daily_sales', count: counts.dailySales, document: dailySales },
  {
    database: 'analytics',
    name: 'campaigns',
    count: counts.campaigns,
    document: campaign,
    indexes: [{ key: { channel: 1, from: -1 } }],
  },
];

export const demoDocuments = demoCollections.reduce((sum, { count }) => sum + count, 0);
