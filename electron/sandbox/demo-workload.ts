/** A shop that is open: a few reads and writes a second on a known set of collections. */
import { Int32, MongoClient, ObjectId, type Db } from 'mongodb';
import type { Logger } from '../platform/logger';
import { counts, measurement, session } from './demo-data/documents';
import { pages } from './demo-data/words';

/** Everything the workload ever writes to: `shop.` and one of these. */
export const workloadCollections = ['orders', 'carts', 'sessions', 'pageviews', 'warehouse_temperature'] as const;

const pauseMs = 350;
/** After a failure, for example while there is no primary or a restore drops collections. */
const failurePauseMs = 2000;

const nextStatus: Readonly<Record<string, string>> = {
  placed: 'paid',
  paid: 'packed',
  packed: 'shipped',
  shipped: 'delivered',
};

function anyCustomer(): Int32 {
  return new Int32(1 + Math.floor(Math.random() * counts.customers));
}

type Step = (shop: Db) => Promise<unknown>;

const steps: readonly Step[] = [
  (shop) => shop.collection('orders').find({ customerId: anyCustomer() }).sort({ at: -1 }).limit(10).toArray(),
  async (shop) => {
    const orders = shop.collection('orders');
    const open = await orders.findOne({ status: { $in: Object.keys(nextStatus) } }, { projection: { status: 1 } });
    const status = open ? nextStatus[String(open['status'])] : undefined;
    if (open && status) await orders.updateOne({ _id: open._id }, { $set: { status, updatedAt: new Date() } });
  },
  (shop) =>
    shop
      .collection('products')
      .find({ category: 'kitchen', price: { $lt: 20 } })
      .limit(20)
      .toArray(),
  (shop) => {
    const visit = session(Math.floor(Math.random() * 1_000_000), Date.now());
    return shop.collection('sessions').insertOne({ ...visit, _id: new ObjectId(), lastSeenAt: new Date() });
  },
  (shop) =>
    shop
      .collection('reviews')
      .find({ $text: { $search: 'sturdy' } })
      .limit(5)
      .toArray(),
  (shop) => {
    const path = pages[Math.floor(Math.random() * pages.length)] ?? '/';
    const ms = new Int32(5 + Math.floor(Math.random() * 300));
    return shop.collection('pageviews').insertOne({ path, ms, device: 'phone', at: new Date() });
  },
  (shop) =>
    shop
      .collection('carts')
      .updateOne({ customerId: anyCustomer() }, { $set: { abandoned: false, updatedAt: new Date() } }),
  (shop) => {
    const reading = measurement(Math.floor(Math.random() * counts.measurements));
    return shop.collection('warehouse_temperature').insertOne({ ...reading, at: new Date() });
  },
];

export class DemoWorkload {
  private readonly client: MongoClient;
  private readonly logger: Logger;
  private running = false;
  private loop: Promise<void> = Promise.resolve();
  private wake: () => void = () => undefined;

  constructor(uri: string, logger: Logger) {
    this.logger = logger;
    this.client = new MongoClient(uri, {
      appName: 'Lifeboat demo shop',
      serverSelectionTimeoutMS: 5000,
      maxPoolSize: 3,
    });
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.loop = this.loop.then(() => this.work());
  }

  /** Resolves when nothing is being written any more. */
  async pause(): Promise<void> {
    this.running = false;
    this.wake();
    await this.loop;
  }

  async close(): Promise<void> {
    await this.pause();
    await this.client.close().catch(() => undefined);
  }

  private async work(): Promise<void> {
    const shop = this.client.db('shop');
    for (let turn = 0; this.running; turn++) {
      let failed = false;
      try {
        await steps[turn % steps.length]?.(shop);
      } catch (error) {
        failed = true;
        this.logger.debug({ error }, 'The demo shop could not work for a moment');
      }
      await this.sleep(failed ? failurePauseMs : pauseMs);
    }
  }

  private async sleep(milliseconds: number): Promise<void> {
    if (!this.running) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wake = () => undefined;
  }
}
