// SPDX-License-Identifier: Apache-2.0

/** The page: hears the daemon's events, keeps what is drawn, and puts each part in place when it has changed. */

import { chart } from './draw.js';
import * as parts from './parts.js';
import { ms } from './words.js';

/** As many as the daemon keeps. */
const SECONDS_MAX = 600;
const MINUTES_MAX = 1440;
const SPANS = { seconds: 600_000, minutes: 86_400_000 };

/** Without a word for so long, what is shown is old. */
const SILENT_MS = 5_000;

/** Columns of a sample, in the daemon's order. */
const [AT, FLOWS, LAG_DELTAS, LAG_MS, WAITING, HOST] = [0, 1, 2, 3, 4, 5];

const past = { seconds: [], minutes: [] };
let heardAt = null;
let node = '';

const byId = (id) => document.getElementById(id);

/** Replaces a part only when it reads otherwise, so that what somebody has selected or is listening to stays. */
function place(id, made) {
  const here = byId(id);
  const before = here.firstElementChild;
  if (made === null) {
    here.replaceChildren();
  } else if (before === null || before.outerHTML !== made.outerHTML) {
    here.replaceChildren(made);
  }
}

function show(status) {
  node = status.node;
  byId('pair').textContent = `${status.node} and ${status.peer.name}`;
  document.title = `${status.role} ${status.node} · Twinwall`;
  for (const part of ['alarms', 'nodes', 'paths', 'sync', 'held', 'trackers', 'sets', 'takeovers', 'changes', 'hooks', 'receivers']) {
    place(part, parts[part](status));
  }
}

function draw(nowMs, mode) {
  const span = new FormData(byId('span')).get('span');
  const samples = span === 'minutes' ? [...past.minutes, ...past.seconds.slice(-1)] : past.seconds;
  const over = (column) => samples.map((sample) => [nowMs - sample[AT], sample[column]]);
  const spanMs = SPANS[span];
  chart(byId('chart-flows'), 'Flows replicated', over(FLOWS), spanMs);
  chart(byId('chart-host'), 'Entries of this host', over(HOST), spanMs);
  if (mode === 'MIRROR') {
    chart(byId('chart-lag'), 'Deltas that wait for this kernel', over(LAG_DELTAS), spanMs);
    byId('chart-waiting').replaceChildren();
  } else {
    chart(byId('chart-lag'), 'Lag', over(LAG_MS), spanMs, ms);
    chart(byId('chart-waiting'), 'Flows to be sent', over(WAITING), spanMs);
  }
}

/** A minute of seconds becomes a minute: its worst lag, and what was last. */
function keep(sample) {
  past.seconds.push(sample);
  past.seconds.splice(0, Math.max(0, past.seconds.length - SECONDS_MAX));
  const last = past.minutes.at(-1);
  if (last === undefined || sample[AT] - last[AT] >= 60_000) {
    const since = past.seconds.filter((one) => last === undefined || one[AT] > last[AT]);
    const worst = (column) => Math.max(...since.map((one) => one[column]));
    past.minutes.push([sample[AT], sample[FLOWS], worst(LAG_DELTAS), worst(LAG_MS), worst(WAITING), sample[HOST]]);
    past.minutes.splice(0, Math.max(0, past.minutes.length - MINUTES_MAX));
  }
}

function live(state, text) {
  const line = byId('live');
  if (line.textContent !== text) {
    line.className = state;
    line.textContent = text;
  }
}

let drawAgain = () => {};

function heard(event) {
  const said = JSON.parse(event.data);
  heardAt = Date.now();
  if (said.past) {
    past.seconds = said.past.seconds;
    past.minutes = said.past.minutes;
  } else {
    keep(said.sample);
  }
  show(said.status);
  drawAgain = () => draw(said.nowMs, said.status.sync.mode);
  drawAgain();
  live('good', `● live from ${node}`);
}

function watch() {
  if (heardAt !== null && Date.now() - heardAt > SILENT_MS) {
    live('bad', `✖ no word from ${node} for ${Math.round((Date.now() - heardAt) / 1000)} s; what is shown is old`);
  }
}

const events = new EventSource('/v1/events');
events.addEventListener('hello', heard);
events.addEventListener('status', heard);
events.addEventListener('error', () => {
  if (heardAt === null) {
    live('warn', '▲ no answer yet');
  }
  if (events.readyState === EventSource.CLOSED) {
    live('bad', '✖ the daemon refuses to tell: too many pages, or no right to; load the page again');
  }
});
byId('span').addEventListener('change', () => drawAgain());
setInterval(watch, 1000);
