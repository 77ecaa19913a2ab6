/** Charts as a PNG: title, time, the drawing, and its legend. */
import { formatLocal } from '../dates';
import { chartEventWords, eventSign, type ChartEventKind } from './chart-events';
import { markPath, type LineStyle } from './line-style';
import { paintDrawings } from './paint-svg';
import type { TimeRange } from './time-view';

export interface PictureEntry {
  style: LineStyle;
  label: string;
}

/** Stands above all charts of a picture. */
export interface PictureHead {
  heading: string;
  range: TimeRange;
  /** Of the events that are marked. */
  kinds: readonly ChartEventKind[];
}

export interface ChartPicture {
  title: string;
  /** Holds the drawing. */
  plot: Element;
  legend: readonly PictureEntry[];
}

const scale = 2;
const padding = 16;
const titleHeight = 24;
const legendHeight = 18;
const swatchWidth = 30;

interface Inks {
  surface: string;
  text: string;
  dimmed: string;
  font: string;
  colour: (name: string) => string;
}

function readInks(): Inks {
  const style = getComputedStyle(document.body);
  const root = getComputedStyle(document.documentElement);
  return {
    surface: root.getPropertyValue('--lb-surface').trim(),
    text: style.color,
    dimmed: root.getPropertyValue('--mantine-color-dimmed').trim(),
    font: style.fontFamily,
    colour: (name) => root.getPropertyValue(name.replace(/^var\(|\)$/g, '')).trim(),
  };
}

interface Placed extends ChartPicture {
  width: number;
  height: number;
  /** Lines of legend entries, with where each begins. */
  rows: { x: number; entry: PictureEntry }[][];
}

function place(context: CanvasRenderingContext2D, picture: ChartPicture): Placed {
  const { width, height } = picture.plot.getBoundingClientRect();
  const rows: Placed['rows'] = [];
  let x = 0;
  for (const entry of picture.legend) {
    const entryWidth = swatchWidth + context.measureText(entry.label).width + 16;
    if (rows.length === 0 || x + entryWidth > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ x, entry });
    x += entryWidth;
  }
  return { ...picture, width, height, rows };
}

const heightOf = ({ height, rows }: Placed) => titleHeight + height + rows.length * legendHeight + padding;

/** The charts below each other under a heading, as a data URL. Throws where the canvas would be too large. */
export function paintCharts({ heading, range, kinds }: PictureHead, pictures: readonly ChartPicture[]): string {
  const inks = readInks();
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d');
  if (!context) throw new Error('There is no canvas to draw on.');
  const legendFont = `12px ${inks.font}`;
  context.font = legendFont;
  const placed = pictures.map((picture) => place(context, picture));
  const width = Math.max(...placed.map((one) => one.width), 320) + 2 * padding;
  const headHeight = titleHeight + (kinds.length > 0 ? 2 : 1) * legendHeight + 2 * padding;
  const height = placed.reduce((sum, one) => sum + heightOf(one), headHeight);
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  context.scale(scale, scale);
  context.fillStyle = inks.surface;
  context.fillRect(0, 0, width, height);
  const write = (text: string, x: number, y: number, font: string, colour: string) => {
    context.font = font;
    context.fillStyle = colour;
    context.textBaseline = 'top';
    context.fillText(text, x, y);
  };
  write(heading, padding, padding, `600 15px ${inks.font}`, inks.text);
  write(
    `${formatLocal(new Date(range.from), true)} to ${formatLocal(new Date(range.to), true)}`,
    padding,
    padding + titleHeight,
    legendFont,
    inks.dimmed,
  );
  let x = padding;
  for (const kind of kinds) {
    const top = padding + titleHeight + legendHeight;
    context.fillStyle = inks.dimmed;
    context.fill(new Path2D(eventSign(kind, x + 6, top + 8)));
    write(chartEventWords[kind], x + 18, top + 2, legendFont, inks.dimmed);
    x += 34 + context.measureText(chartEventWords[kind]).width;
  }
  let y = headHeight;
  for (const one of placed) {
    write(one.title, padding, y, `600 13px ${inks.font}`, inks.text);
    context.save();
    context.translate(padding, y + titleHeight);
    paintDrawings(context, one.plot);
    one.rows.forEach((row, index) => {
      const top = one.height + index * legendHeight;
      for (const { x, entry } of row) {
        const colour = inks.colour(entry.style.colour);
        context.strokeStyle = colour;
        context.lineWidth = 1.5;
        context.setLineDash(entry.style.dash === '' ? [] : entry.style.dash.split(' ').map(Number));
        context.stroke(new Path2D(`M${x},${top + 8}h24`));
        context.setLineDash([]);
        context.fillStyle = colour;
        context.fill(new Path2D(markPath(entry.style.mark, x + 12, top + 8, 3)));
        write(entry.label, x + swatchWidth, top + 2, legendFont, inks.dimmed);
      }
    });
    context.restore();
    y += heightOf(one);
  }
  const url = canvas.toDataURL('image/png');
  if (!url.startsWith('data:image/png')) throw new Error('The picture is too large. Export fewer charts at once.');
  return url;
}
