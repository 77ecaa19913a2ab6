/** Shapes on their way to advice. */
import type { AdviceShape } from '../../../shared/advice';
import type { QueryModel } from './query-model';
import type { WayCost } from './shape-cost';

/** A shape whose command could be read. */
export interface ModelledShape {
  shape: AdviceShape;
  model: QueryModel;
}

/** A join of another collection's shape by a field of this one, which no index of this one begins with. */
export interface WantedJoin {
  shape: AdviceShape;
  field: string;
  /** Of its time: what looking for partners takes. */
  share: number;
}

/** What is known of a shape with and without the suggestions. */
export interface JudgedShape extends ModelledShape {
  /** One run as it was seen; as it is reckoned where the source did not tell. */
  seen: number;
  /** With what exists, as reckoned. */
  now: WayCost;
  /** With the suggestions as well. */
  then: WayCost;
  savedShare: number;
}

/** A collection this small is read in a moment. */
export const smallCollection = 300;
