/** The demo shop's documents: each made from its index alone, so that any number can be made in any order. */
import { Double, Int32, Long, type Decimal128, type Document } from 'mongodb';
import { money, objectIdOf, randomOf, type Random } from './random';
import {
  categories,
  cities,
  firstNames,
  goods,
  lastNames,
  materials,
  orderStatuses,
  pages,
  qualities,
  reviewWords,
  streets,
  warehouses,
} from './words';

export const counts = {
  customers: 50_000,
  products: 5_000,
  orders: 90_000,
  inventory: 15_000,
  reviews: 20_000,
  carts: 4_000,
  stores: 120,
  pageviews: 40_000,
  measurements: 40_000,
  sessions: 3_000,
  dailySales: 730,
  campaigns: 60,
} as const;

const day = 86_400_000;
/** The last moment in the data. Fixed, so that the same demo always holds the same documents. */
const lastMoment = Date.UTC(2026, 9, 31, 22);

const streams = { customer: 1, product: 2, order: 3, stock: 4, review: 5, cart: 6, store: 7, view: 8, sensor: 9 };
const moreStreams = { session: 10, sales: 11, campaign: 12 };

function title(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A moment in the `days` before the end; grows with `index`, the later the denser. */
function momentOf(index: number, count: number, days: number): Date {
  const position = Math.pow(index / count, 0.7);
  return new Date(Math.floor(lastMoment - days * day * (1 - position)));
}

function addressOf(random: Random): Document {
  const city = random.pick(cities);
  return {
    street: `${random.pick(streets)} ${random.integer(1, 180)}`,
    postalCode: String(random.integer(10_000, 99_999)),
    city: city.name,
    country: city.country,
  };
}

export function customer(index: number): Document {
  const random = randomOf(streams.customer, index);
  const first = random.pick(firstNames);
  const last = random.pick(lastNames);
  const since = momentOf(index, counts.customers, 1500);
  return {
    _id: new Int32(index + 1),
    name: { first, last },
    email: `${first}.${last}.${index + 1}@example.com`.toLowerCase().replace(/[^a-z0-9.@]/g, ''),
    phone: random.fraction() < 0.6 ? `+49 30 ${random.integer(1_000_000, 9_999_999)}` : null,
    addresses: Array.from({ length: random.integer(1, 2) }, () => addressOf(random)),
    tier: random.fraction() < 0.1 ? 'gold' : random.fraction() < 0.3 ? 'silver' : 'standard',
    points: Long.fromNumber(random.integer(0, 25_000)),
    newsletter: random.fraction() < 0.4,
    since,
  };
}

const prices = Array.from({ length: counts.products }, (_, index) =>
  randomOf(streams.product + 100, index).integer(190, 24_990),
);
const exactPrices: Decimal128[] = prices.map(money);

function skuOf(index: number): string {
  return `LB-${String(index + 1).padStart(5, '0')}`;
}

export function product(index: number): Document {
  const random = randomOf(streams.product, index);
  const material = random.pick(materials);
  const thing = random.pick(goods);
  return {
    _id: skuOf(index),
    title: title(`${random.pick(qualities)} ${material} ${thing}`),
    category: random.pick(categories),
    price: exactPrices[index],
    currency: 'EUR',
    tags: [material, thing, ...(random.fraction() < 0.2 ? ['new'] : [])],
    dimensions: { width: new Double(random.integer(50, 900) / 10), height: new Double(random.integer(20, 1500) / 10) },
    weightGrams: new Int32(random.integer(40, 9_000)),
    active: random.fraction() < 0.95,
    updatedAt: momentOf(index, counts.products, 400),
  };
}

export function order(index: number): Document {
  const random = randomOf(streams.order, index);
  const at = momentOf(index, counts.orders, 720);
  let cents = 0;
  const items = Array.from({ length: random.integer(1, 4) }, () => {
    const chosen = random.integer(0, counts.products - 1);
    const quantity = random.integer(1, 3);
    cents += quantity * (prices[chosen] ?? 0);
    return { sku: skuOf(chosen), quantity: new Int32(quantity), price: exactPrices[chosen] };
  });
  const old = index < counts.orders * 0.97;
  const settled = random.fraction();
  return {
    _id: objectIdOf(at, streams.order, index),
    number: new Int32(100_000 + index),
    customerId: new Int32(random.integer(1, counts.customers)),
    status: old
      ? settled < 0.92
        ? 'delivered'
        : settled < 0.96
          ? 'returned'
          : 'cancelled'
      : random.pick(orderStatuses.slice(0, 4)),
    items,
    total: money(cents),
    currency: 'EUR',
    shipTo: addressOf(random),
    ...(random.fraction() < 0.08 ? { note: 'Please ring the bell twice.' } : {}),
    at,
    updatedAt: new Date(at.getTime() + random.integer(1, 96) * 3_600_000),
  };
}

/** A compound `_id`: one document per product and warehouse. */
export function stock(index: number): Document {
  const random = randomOf(streams.stock, index);
  return {
    _id: { sku: skuOf(Math.floor(index / warehouses.length)), warehouse: warehouses[index % warehouses.length] },
    quantity: new Int32(random.fraction() < 0.06 ? 0 : random.integer(1, 400)),
    reserved: new Int32(random.integer(0, 12)),
    shelf: `${random.pick(['A', 'B', 'C', 'D'])}-${random.integer(1, 48)}`,
    countedAt: momentOf(index, counts.inventory, 90),
  };
}

export function review(index: number): Document {
  const random = randomOf(streams.review, index);
  const at = momentOf(index, counts.reviews, 600);
  const words = Array.from({ length: random.integer(6, 14) }, () => random.pick(reviewWords));
  return {
    _id: objectIdOf(at, streams.review, index),
    sku: skuOf(random.integer(0, counts.products - 1)),
    customerId: new Int32(random.integer(1, counts.customers)),
    stars: new Int32(random.integer(1, 5)),
    title: title(words.slice(0, 3).join(' ')),
    body: `${title(words.join(' '))}.`,
    at,
  };
}

export function cart(index: number): Document {
  const random = randomOf(streams.cart, index);
  const at = momentOf(index, counts.carts, 20);
  return {
    _id: objectIdOf(at, streams.cart, index),
    customerId: random.fraction() < 0.5 ? new Int32(random.integer(1, counts.customers)) : null,
    items: Array.from({ length: random.integer(1, 5) }, () => ({
      sku: skuOf(random.integer(0, counts.products - 1)),
      quantity: new Int32(random.integer(1, 4)),
    })),
    abandoned: random.fraction() < 0.7,
    updatedAt: at,
  };
}

export function store(index: number): Document {
  const random = randomOf(streams.store, index);
  const city = cities[index % cities.length] ?? random.pick(cities);
  const around = (centre: number): number => Number((centre + (random.fraction() - 0.5) / 5).toFixed(5));
  return {
    _id: new Int32(index + 1),
    name: `${city.name} ${random.pick(streets)}`,
    location: { type: 'Point', coordinates: [around(city.longitude), around(city.latitude)] },
    opensAt: random.pick(['08:00', '09:00', '10:00']),
    services: random.integer(0, 1) === 1 ? ['pick-up', 'returns'] : ['pick-up'],
  };
}

export function pageview(index: number, at = momentOf(index, counts.pageviews, 10)): Document {
  const random = randomOf(streams.view, index);
  return {
    _id: objectIdOf(at, streams.view, index),
    path: random.pick(pages),
    ms: new Int32(random.integer(4, 900)),
    device: random.pick(['phone', 'desktop', 'tablet']),
    at,
  };
}

export function measurement(index: number): Document {
  const random = randomOf(streams.sensor, index);
  const sensors = warehouses.length * 4;
  const step = Math.floor(index / sensors);
  const sensor = index % sensors;
  const at = new Date(lastMoment - (Math.floor(counts.measurements / sensors) - step) * 600_000);
  return {
    at,
    sensor: {
      warehouse: warehouses[sensor % warehouses.length],
      name: `rack-${Math.floor(sensor / warehouses.length) + 1}`,
    },
    celsius: new Double(Math.round((17 + 4 * Math.sin(step / 23) + random.fraction()) * 100) / 100),
    humidity: new Int32(random.integer(38, 61)),
  };
}

/** Sessions are of the day before `now`, because the server removes old ones. */
export function session(index: number, now: number): Document {
  const random = randomOf(moreStreams.session, index);
  const lastSeenAt = new Date(now - random.integer(0, day / 1000) * 1000);
  return {
    _id: objectIdOf(lastSeenAt, moreStreams.session, index),
    customerId: random.fraction() < 0.6 ? new Int32(random.integer(1, counts.customers)) : null,
    device: random.pick(['phone', 'desktop', 'tablet']),
    pages: new Int32(random.integer(1, 40)),
    lastSeenAt,
  };
}

export function dailySales(index: number): Document {
  const random = randomOf(moreStreams.sales, index);
  return {
    _id: new Date(lastMoment - (lastMoment % day) - (counts.dailySales - index) * day),
    orders: new Int32(random.integer(60, 220)),
    revenue: money(random.integer(300_000, 2_400_000)),
    topCategory: random.pick(categories),
  };
}

export function campaign(index: number): Document {
  const random = randomOf(moreStreams.campaign, index);
  const from = momentOf(index, counts.campaigns, 700);
  return {
    _id: `campaign-${index + 1}`,
    channel: random.pick(['e-mail', 'search', 'social', 'print']),
    budget: money(random.integer(50_000, 900_000)),
    from,
    to: new Date(from.getTime() + random.integer(7, 40) * day),
    clicks: Long.fromNumber(random.integer(500, 90_000)),
  };
}
