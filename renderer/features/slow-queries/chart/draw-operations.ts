/** Paints the timeline of operations onto a canvas: thousands of dots or cells in a few milliseconds. */
import { durationTicks, timeTicks } from '../../../components/chart/axis';
import { xOf, type PlotArea } from '../../../components/chart/time-view';
import { yOf, type ChartPoint, type ChartRange, type Drag } from './chart-view';
import { heatStrength, type HeatCell } from './heat-cells';

/** A COLLSCAN is marked by its sign as well as by its colour. */
export interface OperationPoint extends ChartPoint {
  collscan: boolean;
}

export interface ChartColours {
  text: string;
  grid: string;
  ordinary: string;
  collscan: string;
  accent: string;
  surface: string;
}

export function readColours(element: Element): ChartColours {
  const style = getComputedStyle(element);
  const variable = (name: string) => style.getPropertyValue(name).trim();
  return {
    text: variable('--mantine-color-dimmed'),
    grid: variable('--lb-border'),
    ordinary: variable('--lb-border-strong'),
    collscan: variable('--lb-bad'),
    accent: variable('--lb-accent'),
    surface: variable('--lb-surface'),
  };
}

export interface Scene {
  range: ChartRange;
  area: PlotArea;
  colours: ChartColours;
  points: readonly OperationPoint[] | null;
  cells: readonly HeatCell[] | null;
  selection: ChartRange | null;
  drag: Drag | null;
  pointed: ChartPoint | null;
}

/** `width` and `height` in CSS pixels; the context is already scaled to the screen's. */
export function drawOperations(context: CanvasRenderingContext2D, width: number, height: number, scene: Scene): void {
  context.clearRect(0, 0, width, height);
  drawAxes(context, scene);
  context.save();
  context.beginPath();
  context.rect(scene.area.left, scene.area.top - 4, scene.area.width, scene.area.height + 8);
  context.clip();
  if (scene.cells) drawCells(context, scene, scene.cells);
  if (scene.points) drawPoints(context, scene, scene.points);
  drawSelection(context, scene);
  drawPointed(context, scene);
  context.restore();
}

function drawAxes(context: CanvasRenderingContext2D, { range, area, colours }: Scene): void {
  context.font = "11px 'Inter Variable', system-ui, sans-serif";
  context.fillStyle = colours.text;
  context.strokeStyle = colours.grid;
  context.lineWidth = 1;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  const bottom = area.top + area.height;
  for (const { value, label } of durationTicks(range.low, range.high)) {
    const y = Math.round(yOf(value, range, area)) + 0.5;
    line(context, area.left, y, area.left + area.width, y);
    context.fillText(label, area.left - 6, y);
  }
  context.textBaseline = 'top';
  context.textAlign = 'center';
  for (const { value, label } of timeTicks(range.from, range.to, area.width / 96)) {
    const x = Math.round(xOf(value, range, area)) + 0.5;
    line(context, x, bottom, x, bottom + 4);
    if (x > area.left + 16 && x < area.left + area.width - 16) context.fillText(label, x, bottom + 7);
  }
  line(context, area.left, bottom + 0.5, area.left + area.width, bottom + 0.5);
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}

function drawCells(
  context: CanvasRenderingContext2D,
  { range, area, colours }: Scene,
  cells: readonly HeatCell[],
): void {
  const highest = cells.reduce((most, { count }) => Math.max(most, count), 0);
  context.fillStyle = colours.accent;
  for (const cell of cells) {
    const left = Math.floor(xOf(cell.from, range, area));
    const top = Math.floor(yOf(cell.high, range, area));
    context.globalAlpha = heatStrength(cell.count, highest);
    context.fillRect(
      left,
      top,
      Math.max(2, Math.ceil(xOf(cell.to, range, area)) - left - 1),
      Math.max(2, Math.ceil(yOf(cell.low, range, area)) - top - 1),
    );
  }
  context.globalAlpha = 1;
}

function drawPoints(
  context: CanvasRenderingContext2D,
  { range, area, colours }: Scene,
  points: readonly OperationPoint[],
): void {
  // Crowds are seen by their density, single operations must not be lost.
  const alpha = points.length > 2000 ? 0.55 : 0.8;
  context.globalAlpha = alpha;
  context.fillStyle = colours.ordinary;
  for (const point of points) {
    if (point.collscan) continue;
    context.beginPath();
    context.arc(xOf(point.time, range, area), yOf(point.durationMs, range, area), 2, 0, 2 * Math.PI);
    context.fill();
  }
  context.strokeStyle = colours.collscan;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const point of points) {
    if (!point.collscan) continue;
    const x = xOf(point.time, range, area);
    const y = yOf(point.durationMs, range, area);
    context.moveTo(x - 3, y - 3);
    context.lineTo(x + 3, y + 3);
    context.moveTo(x + 3, y - 3);
    context.lineTo(x - 3, y + 3);
  }
  context.stroke();
  context.globalAlpha = 1;
}

function drawSelection(context: CanvasRenderingContext2D, { range, area, colours, selection, drag }: Scene): void {
  let box: { x: number; y: number; width: number; height: number } | null = null;
  if (drag) {
    box = {
      x: Math.min(drag.startX, drag.endX),
      y: Math.min(drag.startY, drag.endY),
      width: Math.abs(drag.endX - drag.startX),
      height: Math.abs(drag.endY - drag.startY),
    };
  } else if (selection) {
    const x = xOf(selection.from, range, area);
    const y = yOf(selection.high, range, area);
    box = { x, y, width: xOf(selection.to, range, area) - x, height: yOf(selection.low, range, area) - y };
  }
  if (!box) return;
  context.fillStyle = colours.accent;
  context.globalAlpha = 0.12;
  context.fillRect(box.x, box.y, box.width, box.height);
  context.globalAlpha = 1;
  context.strokeStyle = colours.accent;
  context.lineWidth = 1;
  context.strokeRect(Math.round(box.x) + 0.5, Math.round(box.y) + 0.5, Math.round(box.width), Math.round(box.height));
}

function drawPointed(context: CanvasRenderingContext2D, { range, area, colours, pointed }: Scene): void {
  if (!pointed) return;
  context.strokeStyle = colours.accent;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(xOf(pointed.time, range, area), yOf(pointed.durationMs, range, area), 6, 0, 2 * Math.PI);
  context.stroke();
}
