import { trendOf } from './sparkline-model';
import styles from './chart.module.css';

const barWidth = 4;
const height = 18;

/** Bars as high as their share of the highest; told in a word to who does not see them. */
export function Sparkline({ bars }: { bars: readonly number[] }) {
  const highest = Math.max(...bars, 0);
  const width = bars.length * barWidth;
  return (
    <svg
      className={styles.sparkline}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`Trend: ${trendOf(bars)}`}
    >
      {bars.map((value, index) => {
        const bar = highest === 0 || value === 0 ? 0 : Math.max(1.5, (value / highest) * height);
        return <rect key={index} x={index * barWidth} y={height - bar} width={barWidth - 1} height={bar} />;
      })}
    </svg>
  );
}
