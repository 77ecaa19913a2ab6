import { describe, expect, it } from 'vitest';
import { ProgressMeter } from './progress';

describe('progress', () => {
  it('knows no rate before half a second and no total that nobody told', () => {
    const meter = new ProgressMeter('Dumping');
    expect(meter.update({ phase: 'Dumping', bytesDone: 100 }, 0)).toMatchObject({
      bytesPerSecond: null,
      bytesTotal: null,
      secondsLeft: null,
    });
    expect(meter.update({ phase: 'Dumping', bytesDone: 1100 }, 1000)).toMatchObject({
      bytesPerSecond: 1000,
      documentsPerSecond: null,
      secondsLeft: null,
    });
  });

  it('takes the later of the ends by bytes and by documents', () => {
    const meter = new ProgressMeter('x');
    const totals = { bytesTotal: 1000, documentsTotal: 100 };
    meter.update({ phase: 'x', ...totals, bytesDone: 0, documentsDone: 0 }, 0);
    expect(meter.update({ phase: 'x', bytesDone: 500, documentsDone: 10 }, 1000).secondsLeft).toBeCloseTo(9);
    expect(meter.update({ phase: 'x', bytesDone: 1000, documentsDone: 100 }, 2000).secondsLeft).toBe(0);
  });

  it('tells no time left while next to nothing is done', () => {
    const meter = new ProgressMeter('x');
    meter.update({ phase: 'x', bytesTotal: 100_000_000, bytesDone: 0 }, 0);
    expect(meter.update({ phase: 'x', bytesDone: 371 }, 1000).secondsLeft).toBeNull();
    expect(meter.update({ phase: 'x', bytesDone: 10_000_000 }, 2000).secondsLeft).toBeCloseTo(18);
  });

  it('forgets what was long ago, and a stalled rate sinks to nothing', () => {
    const meter = new ProgressMeter('x');
    for (let second = 0; second <= 10; second++) meter.update({ phase: 'x', bytesDone: second * 100 }, second * 1000);
    for (let second = 11; second <= 16; second++) {
      meter.update({ phase: 'x', bytesDone: 1000 + (second - 10) * 500 }, second * 1000);
    }
    expect(meter.current(16_000).bytesPerSecond).toBeCloseTo(500);
    expect(meter.current(60_000).bytesPerSecond).toBeLessThan(70);
  });

  it('keeps what a report leaves out within a phase, and starts anew in the next', () => {
    const meter = new ProgressMeter('a');
    meter.update({ phase: 'a', bytesDone: 10, bytesTotal: 20, documentsDone: 3 }, 0);
    expect(meter.update({ phase: 'a', documentsDone: 4 }, 1000)).toMatchObject({ bytesDone: 10, bytesTotal: 20 });
    expect(meter.update({ phase: 'b' }, 2000)).toMatchObject({
      phase: 'b',
      bytesDone: 0,
      bytesTotal: null,
      documentsDone: 0,
      bytesPerSecond: null,
    });
  });

  it('keeps the rate where only the name of the phase changes', () => {
    const meter = new ProgressMeter('Dumping a');
    meter.update({ phase: 'Dumping a', bytesDone: 0, bytesTotal: 100 }, 0);
    meter.update({ phase: 'Dumping a', bytesDone: 50 }, 1000);
    expect(meter.update({ phase: 'Dumping b', bytesDone: 60, bytesTotal: 100 }, 1200).bytesPerSecond).toBeCloseTo(50);
  });
});
