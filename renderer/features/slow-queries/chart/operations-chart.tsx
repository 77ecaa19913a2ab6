import { useComputedColorScheme } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import { moveTime, timeAt, xOf, zoomTime, type PlotArea } from '../../../components/chart/time-view';
import { durationAt, nearestPoint, selectionOf, yOf, type ChartRange, type Drag } from './chart-view';
import { drawOperations, readColours, type OperationPoint } from './draw-operations';
import { cellAt, type HeatCell } from './heat-cells';
import styles from './chart.module.css';

const margin = { left: 56, right: 8, top: 8, bottom: 24 };

interface OperationsChartProps {
  /** Dots, or null where the heat map is shown. */
  points: readonly OperationPoint[] | null;
  cells: readonly HeatCell[] | null;
  /** What is in sight, and the most that can be. */
  range: ChartRange;
  limits: ChartRange;
  selection: ChartRange | null;
  onSelect: (selection: ChartRange | null) => void;
  onZoom: (range: ChartRange) => void;
  /** A click on a dot: its index. */
  onOpen: (index: number) => void;
  describePoint: (index: number) => ReactNode;
  describeCell: (cell: HeatCell) => ReactNode;
  /** What is to be seen, in a sentence. */
  label: string;
  height: number;
}

/** Every operation by time and duration. Drag to select, wheel or + and − to zoom; Escape lets the selection go. */
export function OperationsChart(props: OperationsChartProps) {
  const { points, cells, range, limits, selection, onSelect, onZoom, onOpen, height } = props;
  const { ref: frame, width } = useElementSize<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const [place, setPlace] = useState<{ x: number; y: number } | null>(null);
  const scheme = useComputedColorScheme('dark');
  const area = useMemo<PlotArea>(
    () => ({
      left: margin.left,
      top: margin.top,
      width: Math.max(10, width - margin.left - margin.right),
      height: height - margin.top - margin.bottom,
    }),
    [width, height],
  );
  const inside =
    place !== null && drag === null && place.x >= area.left && place.y >= area.top && place.y <= area.top + area.height;
  const pointedIndex = inside && points ? nearestPoint(points, place, range, area) : null;
  const pointedCell =
    inside && cells ? cellAt(cells, timeAt(place.x, range, area), durationAt(place.y, range, area)) : null;

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0) return;
    const scale = window.devicePixelRatio || 1;
    element.width = Math.round(width * scale);
    element.height = Math.round(height * scale);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const pointed = pointedIndex === null ? null : (points?.[pointedIndex] ?? null);
    const colours = readColours(element);
    drawOperations(context, width, height, { range, area, colours, points, cells, selection, drag, pointed });
  }, [points, cells, range, area, width, height, selection, drag, pointedIndex, scheme]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    // React's own listener is passive: it could not keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const x = event.clientX - element.getBoundingClientRect().left;
      onZoom(zoomTime(range, timeAt(x, range, area), event.deltaY > 0 ? 1.25 : 0.8, limits));
    };
    element.addEventListener('wheel', onWheel, { passive: false });
    return () => element.removeEventListener('wheel', onWheel);
  }, [range, area, limits, onZoom]);

  const placeOf = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    const { x, y } = placeOf(event);
    setDrag({ startX: x, startY: y, endX: x, endY: y });
  };
  const onPointerMove = (event: PointerEvent) => {
    const { x, y } = placeOf(event);
    setPlace({ x, y });
    setDrag((before) => before && { ...before, endX: x, endY: y });
  };
  const onPointerUp = () => {
    if (!drag) return;
    setDrag(null);
    const selected = selectionOf(drag, range, area);
    if (selected) return onSelect(selected);
    const index = points ? nearestPoint(points, { x: drag.endX, y: drag.endY }, range, area) : null;
    if (index !== null) onOpen(index);
    else onSelect(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const centre = (range.from + range.to) / 2;
    const step = (range.to - range.from) * 0.1;
    const zoomed: Partial<Record<string, ChartRange>> = {
      '+': zoomTime(range, centre, 0.8, limits),
      '=': zoomTime(range, centre, 0.8, limits),
      '-': zoomTime(range, centre, 1.25, limits),
      ArrowLeft: moveTime(range, -step, limits),
      ArrowRight: moveTime(range, step, limits),
      '0': limits,
    };
    const next = zoomed[event.key];
    if (next) {
      event.preventDefault();
      event.stopPropagation();
      onZoom(next);
    } else if (event.key === 'Escape' && (selection || drag)) {
      event.stopPropagation();
      setDrag(null);
      onSelect(null);
    }
  };
  const hint =
    pointedIndex !== null ? props.describePoint(pointedIndex) : pointedCell ? props.describeCell(pointedCell) : null;
  const anchor =
    pointedIndex !== null && points?.[pointedIndex]
      ? { x: xOf(points[pointedIndex].time, range, area), y: yOf(points[pointedIndex].durationMs, range, area) }
      : place;
  return (
    <div ref={frame} className={styles.chart}>
      <canvas
        ref={canvas}
        className={styles.canvas}
        style={{ height }}
        tabIndex={0}
        role="application"
        aria-label={`${props.label} Plus and minus zoom, arrows move, Escape lets the selection go.`}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onPointerLeave={() => setPlace(null)}
        onKeyDown={onKeyDown}
      />
      {hint && anchor ? (
        <div
          className={styles.hint}
          style={{
            top: Math.min(anchor.y + 12, height - 40),
            ...(anchor.x > width / 2 ? { right: width - anchor.x + 12 } : { left: anchor.x + 12 }),
          }}
        >
          {hint}
        </div>
      ) : null}
    </div>
  );
}
