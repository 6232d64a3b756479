// SPDX-License-Identifier: Apache-2.0

/** Drawings: a number over time, and the steps of a takeover. Each says in words what it shows. */

import { count, ms, roundUp } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 420;
/** Narrower than the narrowest telephone nothing is drawn. */
const WIDTH_MIN = 240;
const HEIGHT = 120;
const LEFT = 68;
const BOTTOM = 20;
const TOP = 8;

/** An element with attributes and children; text is only ever text. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) {
      node.setAttribute(key, value);
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * Draws `values` over time into `figure`, in as many pixels as that is wide: so words are of one size on every screen.
 *
 * @param points pairs of milliseconds before now and value, oldest first
 * @param spanMs how much time is shown
 * @param format a value in words
 */
export function chart(figure, title, points, spanMs, format = count) {
  const shown = points.filter(([ago, value]) => ago <= spanMs && value >= 0);
  const most = roundUp(Math.max(...shown.map(([, value]) => value), 0));
  const width = Math.max(WIDTH_MIN, Math.round(figure.clientWidth || WIDTH));
  const x = (ago) => LEFT + (width - LEFT) * (1 - ago / spanMs);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const words = summary(title, shown, format);
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': words },
    svg('path', { class: 'axis', d: `M${LEFT},${TOP}V${HEIGHT - BOTTOM}H${width}` }),
    label(LEFT - 4, TOP + 8, 'end', format(most)),
    label(LEFT - 4, HEIGHT - BOTTOM, 'end', format(0)),
    label(LEFT, HEIGHT - 5, 'start', spanMs > 3600000 ? '24 h ago' : '10 min ago'),
    label(width, HEIGHT - 5, 'end', 'now'),
    shown.length > 1 ? svg('path', { class: 'curve', d: line(shown, x, y) }) : null,
  );
  figure.replaceChildren(el('figcaption', {}, words), drawing);
}

function label(x, y, anchor, text) {
  return svg('text', { x, y, 'text-anchor': anchor }, text);
}

/** Steps, and not slopes: between two samples nothing is known. A gap in the samples is a gap in the line. */
function line(points, x, y) {
  const apart = 3 * Math.max(1500, (points[0][0] - points.at(-1)[0]) / points.length);
  let path = '';
  let before = null;
  for (const [ago, value] of points) {
    const at = `${x(ago).toFixed(1)},${y(value).toFixed(1)}`;
    path += before === null || before - ago > apart ? `M${at}` : `H${x(ago).toFixed(1)}V${y(value).toFixed(1)}`;
    before = ago;
  }
  return path;
}

function summary(title, points, format) {
  if (points.length === 0) {
    return `${title}: not known`;
  }
  const values = points.map(([, value]) => value);
  const now = format(values.at(-1));
  return `${title}: ${now} now, least ${format(Math.min(...values))}, most ${format(Math.max(...values))}`;
}

const STEPS = [
  ['hooksMs', 'hooks'],
  ['drainMs', 'flows into the kernel'],
  ['sourceMs', 'source of flows'],
  ['gateMs', 'gate open'],
  ['vipsMs', 'addresses'],
  ['announceMs', 'announced'],
  ['timeoutsMs', 'timeouts, beside'],
];

/** One takeover, drawn to scale: the silence before it, then each step. */
export function takeover(one) {
  const steps = [
    { words: 'silence of the old active', tookMs: one.detectMs, wait: true },
    ...STEPS.map(([key, words]) => ({ words, tookMs: one.phases?.[key] ?? 0 })),
  ].filter((step) => step.tookMs > 0);
  const whole = steps.reduce((sum, step) => sum + step.tookMs, 0);
  return el('div', {}, steps.length > 0 ? bar(steps, whole) : null, list(steps));
}

/** In hundredths of the width that it gets, for the same reason. */
function bar(steps, whole) {
  const drawing = svg('svg', { role: 'img', 'aria-label': `${steps.length} steps, ${ms(whole)} in all, as listed below` });
  const least = 1; // What took next to nothing is to be seen all the same.
  const shared = 100 - least * steps.length;
  let left = 0;
  steps.forEach((step, i) => {
    const wide = least + (shared * step.tookMs) / whole;
    drawing.append(
      svg('rect', {
        class: `step${step.wait ? ' wait' : i % 2 === 1 ? ' odd' : ''}`,
        x: percent(left),
        y: 0.5,
        width: percent(wide),
        height: 20,
      }),
    );
    if (wide > 4) {
      drawing.append(svg('text', { class: 'number', x: percent(left + wide / 2), y: 15, 'text-anchor': 'middle' }, String(i + 1)));
    }
    left += wide;
  });
  drawing.append(label('0', 34, 'start', '0'), label('100%', 34, 'end', ms(whole)));
  return drawing;
}

function percent(value) {
  return `${value.toFixed(2)}%`;
}

function list(steps) {
  return el('ol', {}, ...steps.map((step, i) => el('li', {}, `${i + 1} ${step.words} ${ms(step.tookMs)}`)));
}
