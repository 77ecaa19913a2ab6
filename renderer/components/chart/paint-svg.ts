/**
 * Paints what SVG elements of the page show onto a canvas, with the page's own fonts and the theme's colours. Knows the shapes
 * that the charts are made of: paths, rectangles, lines, text.
 */

function paintStroke(context: CanvasRenderingContext2D, style: CSSStyleDeclaration, draw: () => void): void {
  const width = Number.parseFloat(style.strokeWidth);
  if (style.stroke === 'none' || style.stroke === '' || !(width > 0)) return;
  context.save();
  context.globalAlpha *= Number.parseFloat(style.strokeOpacity || '1');
  context.strokeStyle = style.stroke;
  context.lineWidth = width;
  context.lineCap = style.strokeLinecap === 'round' ? 'round' : 'butt';
  context.lineJoin = style.strokeLinejoin === 'round' ? 'round' : 'miter';
  context.setLineDash(
    style.strokeDasharray === 'none' ? [] : style.strokeDasharray.split(/[\s,]+/).map(Number.parseFloat),
  );
  draw();
  context.restore();
}

function paintFill(context: CanvasRenderingContext2D, style: CSSStyleDeclaration, draw: () => void): void {
  if (style.fill === 'none') return;
  context.save();
  context.globalAlpha *= Number.parseFloat(style.fillOpacity || '1');
  context.fillStyle = style.fill;
  draw();
  context.restore();
}

/** Canvas leaves out what has no length; SVG shows a lone point of a line as a dot. */
const visiblePoints = (d: string) => d.replace(/M([\d.-]+),([\d.-]+)Z/g, 'M$1,$2h0.01Z');

function paintText(context: CanvasRenderingContext2D, element: SVGTextElement, style: CSSStyleDeclaration): void {
  const text = element.textContent ?? '';
  const box = element.getBBox();
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  context.textBaseline = 'alphabetic';
  const measured = context.measureText(text);
  // Where the page puts the letters, whatever anchors and offsets said so.
  const baseline = box.y + box.height / 2 + (measured.fontBoundingBoxAscent - measured.fontBoundingBoxDescent) / 2;
  paintFill(context, style, () => context.fillText(text, box.x, baseline));
}

function clipOf(element: SVGElement): Path2D | null {
  const named = element.closest('[clip-path]')?.getAttribute('clip-path');
  const id = named === undefined || named === null ? null : /#([^)"']+)/.exec(named)?.[1];
  const rect = id === null || id === undefined ? null : document.getElementById(id)?.querySelector('rect');
  if (!rect) return null;
  const path = new Path2D();
  path.rect(rect.x.baseVal.value, rect.y.baseVal.value, rect.width.baseVal.value, rect.height.baseVal.value);
  return path;
}

function paintElement(context: CanvasRenderingContext2D, element: SVGElement): void {
  const style = getComputedStyle(element);
  if (style.display === 'none' || style.visibility === 'hidden') return;
  context.save();
  context.globalAlpha = opacityOf(element);
  const clip = clipOf(element);
  if (clip) context.clip(clip);
  const path = pathOf(element);
  if (path) {
    if (!(element instanceof SVGLineElement)) paintFill(context, style, () => context.fill(path));
    paintStroke(context, style, () => context.stroke(path));
  } else if (element instanceof SVGTextElement) paintText(context, element, style);
  context.restore();
}

function opacityOf(element: SVGElement): number {
  let opacity = 1;
  for (let one: Element | null = element; one instanceof SVGElement; one = one.parentElement)
    opacity *= Number.parseFloat(getComputedStyle(one).opacity || '1');
  return opacity;
}

function pathOf(element: SVGElement): Path2D | null {
  if (element instanceof SVGPathElement) return new Path2D(visiblePoints(element.getAttribute('d') ?? ''));
  const path = new Path2D();
  if (element instanceof SVGRectElement) {
    const { x, y, width, height } = element;
    path.rect(x.baseVal.value, y.baseVal.value, width.baseVal.value, height.baseVal.value);
    return path;
  }
  if (element instanceof SVGLineElement) {
    path.moveTo(element.x1.baseVal.value, element.y1.baseVal.value);
    path.lineTo(element.x2.baseVal.value, element.y2.baseVal.value);
    return path;
  }
  return null;
}

/** Paints every drawing within an element, at its place; the cursor is not part of a picture. */
export function paintDrawings(context: CanvasRenderingContext2D, root: Element): void {
  const origin = root.getBoundingClientRect();
  for (const svg of root.querySelectorAll('svg')) {
    if (svg.dataset['layer'] === 'cursor') continue;
    const box = svg.getBoundingClientRect();
    context.save();
    context.translate(box.left - origin.left, box.top - origin.top);
    for (const element of svg.querySelectorAll<SVGElement>('path, rect, line, text'))
      if (!element.closest('defs, clipPath')) paintElement(context, element);
    context.restore();
  }
}
