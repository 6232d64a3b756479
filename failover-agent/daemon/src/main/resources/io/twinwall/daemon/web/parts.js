// SPDX-License-Identifier: Apache-2.0

/** The parts of the page: each makes nodes of what the daemon said, in the words of `twinwall status`. */

import { el, takeover } from './draw.js';
import { count, duration, lower, ms } from './words.js';

/** A word, and a sign that says the same without colour, on the same line. */
function word(state, text) {
  const sign = { good: '●\u00a0', warn: '▲\u00a0', bad: '✖\u00a0' }[state] ?? '';
  return el('span', { class: state }, el('span', { 'aria-hidden': 'true' }, sign), text);
}

function table(caption, heads, rows) {
  if (rows.length === 0) {
    return null;
  }
  return el(
    'table',
    {},
    caption ? el('caption', {}, caption) : null,
    heads ? el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))) : null,
    el('tbody', {}, ...rows.map(([name, ...cells]) =>
      el('tr', {}, el('th', { scope: 'row' }, name), ...cells.map((cell) => el('td', {}, cell)))))
  );
}

function role(name) {
  const state = { MASTER: 'good', BACKUP: 'good', FAULT: 'bad' }[name] ?? 'warn';
  return name ? word(state, name) : '-';
}

function readiness(name) {
  return name ? word(name === 'READY' ? 'good' : 'warn', name) : '-';
}

function gate(open, fenced) {
  return open ? `open${fenced ? ', fenced' : ''}` : 'closed';
}

function countdown(one) {
  return word('bad', one.vetoed ? 'vetoed: no takeover until an active node is heard'
    : `takes over in ${duration(one.leftMs)}, unless vetoed`);
}

/** Clocks that differ by more are told. */
const CLOCK_MS = 1000;

/** In what the peer is not like this node, where it should be; null when in nothing, or when it is not known. */
function unlike(peer) {
  const ahead = peer.clockAheadMs ?? 0;
  const words = [
    peer.sameVersion === false ? 'is of another version' : null,
    peer.samePair === false ? 'has another configuration of the pair' : null,
    Math.abs(ahead) > CLOCK_MS ? `has a clock ${duration(Math.abs(ahead))} ${ahead > 0 ? 'ahead' : 'behind'}` : null,
  ].filter(Boolean);
  return words.length === 0 ? null : word('warn', words.join(', '));
}

/** What the peer told of itself last; null until it does. Its durations are as of then. */
function told(status) {
  return status.peer.report ?? null;
}

/** The same when it tells how the peer is, and not how it was. */
function current(status) {
  return told(status)?.current ? told(status) : null;
}

function health(one, configured) {
  const words = `${one.priority} of ${configured}${one.detail ? `, ${one.detail}` : ''}`;
  return one.fault ? word('bad', `${words}, FAULT: ${one.fault}`) : words;
}

export function nodes(status) {
  const peer = status.peer;
  const report = told(status);
  const now = current(status);
  const left = now?.countdown ? now.countdown.leftMs - now.agoMs : 0;
  const theirs = left > 0 || now?.countdown?.vetoed ? { ...now.countdown, leftMs: left } : null;
  const alive = peer.state === 'ALIVE';
  const of = (value) => (alive ? value : '-');
  const link = {
    ALIVE: () => (peer.hearsMe ? word('good', 'alive, hears this node') : word('bad', 'alive, IS DEAF TO THIS NODE')),
    NEVER_SEEN: () => word('bad', 'never seen'),
  }[peer.state] ?? (() => word('bad', `LOST, not heard for ${duration(peer.heardMsAgo)}, was ${peer.lastRole} then`));
  const held = alive && peer.roleForMs >= 0 ? (peer.roleForLeast ? 'at least ' : '') + duration(peer.roleForMs) : '-';
  return table(null, ['', `${status.node} (here)`, peer.name], [
    ['role', role(status.role), of(role(peer.role))],
    ['for', duration(status.roleSinceMs), held],
    ['term', String(status.term), of(String(peer.term))],
    ['readiness', readiness(status.readiness), of(readiness(peer.readiness))],
    ['gate', gate(status.lease.gateOpen, status.lease.armed), of(gate(peer.gateOpen, peer.fenced))],
    ['health', health(status.health, status.priority), now ? health(now.health, now.priority) : of(String(peer.priority))],
    ['configured', status.configuredRole, report ? report.configuredRole : '-'],
    ...(now?.health.reach === 'SILENT' ? [['test addresses', '', word('bad', 'DO NOT ANSWER')]] : []),
    ...(status.countdown || theirs ? [['countdown', status.countdown ? countdown(status.countdown) : '-',
      theirs ? countdown(theirs) : '-']] : []),
    ['link', '', link()],
    ...(unlike(peer) ? [['unlike', '', unlike(peer)]] : []),
    ...(report && !now ? [['told', '', word('warn', `what it told of itself is ${duration(report.agoMs)} old`)]] : []),
  ]);
}

export function paths(status) {
  const there = (name) => current(status)?.paths.find((path) => path.name === name);
  const state = (path) => (path ? word(path.state === 'HEARD' ? 'good' : 'warn', lower(path.state)) : '-');
  return table(null, ['path', 'in', 'out', 'there', 'sent', 'received', ''], status.paths.map((path) => [
    `${path.name} (${lower(path.kind)})`,
    state(path),
    word(path.sending === 'WORKS' ? 'good' : 'warn', lower(path.sending)),
    state(there(path.name)),
    count(path.sent),
    count(path.received),
    path.problem,
  ]));
}

export function sync(status) {
  const sync = status.sync;
  const counts = status.flowCounts;
  const mirror = sync.mode === 'MIRROR';
  const rows = [
    ['mode', sync.mode],
    [mirror ? 'to apply' : 'to send', count(sync.dirty)],
    ['lag', `${count(sync.lagDeltas)} deltas${mirror ? '' : `, ${ms(sync.lagMs)}`}`],
    ['buckets that differ', word(sync.bucketsDiffering === 0 ? 'good' : 'warn', count(sync.bucketsDiffering))],
    ['flows in the active\'s kernel and table', `${count(counts.activeKernel)}, ${count(counts.activeTable)}`],
    ['flows in the passive\'s mirror and kernel', `${count(counts.mirror)}, ${count(counts.passiveKernel)}`],
    ['refused there', counts.refused > 0 ? word('bad', count(counts.refused)) : count(counts.refused)],
    ['entries of this host', `${count(counts.hostEntries)} of ${count(counts.hostEntriesMax)}`],
  ];
  if (sync.expectations > 0) {
    rows.push(['expected connections', count(sync.expectations)]);
  }
  if (sync.lossWindows > 0) {
    rows.push(['losses of events', `${count(sync.lossWindows)}, ${ms(sync.lossWindowMs)} in all`]);
  }
  return table(null, null, rows);
}

/**
 * An agent that was restarted goes on forwarding with an open gate until it is active or has heard of another. Without a fence
 * a gate is always open, and says nothing.
 */
function forwards(one) {
  return one.role === 'MASTER' || (one.lease.gateOpen && one.lease.mode !== 'off');
}

/** Who has the address. What the peer told before it had its present role, or did not tell, does not say. */
function holder(status, vip) {
  const peer = status.peer;
  const report = current(status);
  const says = report !== null && report.role === peer.role && report.term === peer.term;
  const there = says && report.vips.some((one) => one.held && one.address === vip.address);
  const active = status.role === 'MASTER';
  if (!vip.held) {
    if (there) {
      return `held by ${peer.name}`;
    }
    // A peer that has none of them may have told as it took over.
    const comes = says && !active && peer.role === 'MASTER' && report.vips.every((one) => !one.held);
    if (says && !comes) {
      return word('warn', 'held by neither');
    }
    return active ? word('warn', 'not held') : 'not here';
  }
  if (there && forwards(status) && forwards(report)) {
    return word('bad', 'HELD BY BOTH');
  }
  if (active) {
    return there ? word('bad', `held here, ALSO BY ${peer.name}, WHICH IS NOT ACTIVE`) : 'held here';
  }
  return forwards(status) ? word('warn', 'held here since before the restart')
    : word('bad', 'HELD HERE, THOUGH NOT ACTIVE');
}

export function held(status) {
  const lease = status.lease;
  const renewed = lease.renewedMsAgo < 0 ? 'never renewed' : `renewed ${duration(lease.renewedMsAgo)} ago`;
  return table(null, null, [
    ['lease', `${lease.mode}, ${lease.armed ? 'armed' : 'not armed'}, ${lease.leaseMs} ms, ${renewed}`],
    ...status.vips.map((vip) => [vip.address, el('span', {}, `${vip.interface}, `, holder(status, vip))]),
    ['cluster key', `${status.keys.sendId}${status.keys.rolling ? ', being replaced' : ''}`],
  ]);
}

export function trackers(status) {
  const health = status.health;
  const caption = health.fault ? `Broken: ${health.fault}`
    : health.reach === 'UNKNOWN' ? 'Trackers'
      : `Trackers; the test addresses ${health.reach === 'ANSWERED' ? 'answer' : 'DO NOT ANSWER'}`;
  const report = told(status);
  const all = [
    ...status.trackers.map((tracker) => ({ ...tracker, node: status.node })),
    ...(report?.trackers ?? []).map((tracker) => (
      { ...tracker, node: status.peer.name, was: !report.current, sinceMs: tracker.sinceMs + (report.current ? report.agoMs : 0) })),
  ];
  return table(caption, ['tracker', 'node', 'state', 'for', 'weight', 'seen'], all.map((tracker) => [
    tracker.name,
    tracker.node,
    tracker.was ? `was ${lower(tracker.state)}` : word({ UP: 'good', DOWN: 'bad' }[tracker.state] ?? 'warn', lower(tracker.state)),
    duration(tracker.sinceMs),
    tracker.weight,
    tracker.detail,
  ]));
}

export function sets(status) {
  return table('Mirrored sets', ['set', 'elements', 'state', ''], status.sets.map((set) => [
    set.set,
    count(set.elements),
    set.differing === 0 ? word('good', `equal for ${duration(set.sinceMs)}`)
      : word('warn', set.differing < 0 ? 'peer not known' : `${count(set.differing)} differ`),
    set.problem,
  ]));
}

export function takeovers(status) {
  if (status.takeovers.length === 0) {
    return el('p', { class: 'faint' }, 'None since the agent started.');
  }
  return el('div', {}, ...status.takeovers.map((one) => el(
    'article',
    { class: 'takeover' },
    el('h3', {}, `Term ${one.term}, ${one.planned ? 'planned' : 'unplanned'}: ${one.reason}, ${duration(one.agoMs)} ago`),
    takeover(one),
    el('p', {}, `${count(one.flows?.mirrored)} flows mirrored, ${count(one.flows?.installed)} in the kernel, `
      + `${count(one.flows?.refused)} refused; the copy was ${one.ready ? 'complete' : 'NOT complete'}`),
    ...one.failures.map((failure) => el('p', {}, word('bad', `FAILED ${failure}`))),
  )));
}

/** A change, the first heartbeat that is heard of it, and the report of it are not so far apart. */
const SAME_MS = 3_000;

export function changes(status) {
  const own = status.transitions.map((change) => ({ ...change, node: status.node }));
  const report = told(status);
  const known = report?.transitions ?? [];
  const tells = (heard) => known.some((change) => change.to === heard.to
    && Math.abs(change.agoMs + report.agoMs - heard.agoMs) < SAME_MS);
  const heard = status.peer.changes.filter((change) => !tells(change))
    .map((change) => ({ ...change, node: status.peer.name, reason: 'as heard' }));
  const peers = [...heard, ...known.map((change) => (
    { ...change, node: status.peer.name, agoMs: change.agoMs + report.agoMs }))];
  const all = [...own, ...peers].sort((a, b) => a.agoMs - b.agoMs).slice(0, 20);
  return table(null, ['when', 'node', 'role', 'term', 'why'], all.map((change) => [
    `${duration(change.agoMs)} ago`,
    change.node,
    `${change.from} → ${change.to}`,
    String(change.term),
    change.reason,
  ]));
}

/** Both nodes' of a list, each with its node's name; what ended ago, as of now. Of a lost one it is what was. */
function ofBoth(status, list) {
  const ended = (one) => (one.endedMsAgo < 0 ? -1 : one.endedMsAgo + told(status).agoMs);
  return [
    ...status[list].map((one) => ({ ...one, node: status.node })),
    ...(told(status)?.[list] ?? []).map((one) => ({ ...one, node: status.peer.name, was: !told(status).current, endedMsAgo: ended(one) })),
  ];
}

export function hooks(status) {
  return table('Hooks', ['hook', 'node', 'last run', 'for', 'ended'], ofBoth(status, 'hooks').map((hook) => [
    hook.command,
    hook.node,
    hook.was ? `was ${hook.outcome ?? 'not run yet'}` : hook.outcome ? word(hook.ok ? 'good' : 'bad', hook.outcome) : hook.running ? 'running' : 'not run yet',
    hook.role ?? '-',
    hook.endedMsAgo < 0 ? '-' : `${duration(hook.endedMsAgo)} ago`,
  ]));
}

export function receivers(status) {
  return table('Alerts', ['receiver', 'node', 'told', 'waiting', 'lost', 'last attempt', 'ended'], ofBoth(status, 'alerts').map((alert) => [
    `${alert.name} (${alert.kind})`,
    alert.node,
    count(alert.sent),
    count(alert.waiting),
    alert.lost > 0 && !alert.was ? word('bad', count(alert.lost)) : count(alert.lost),
    alert.was ? `was ${alert.outcome ?? 'none yet'}` : alert.outcome ? word(alert.ok ? 'good' : 'bad', alert.outcome) : 'none yet',
    alert.endedMsAgo < 0 ? '-' : `${duration(alert.endedMsAgo)} ago`,
  ]));
}

/** Of both nodes; of a peer that is lost, as what was when it told last. */
export function alarms(status) {
  const report = told(status);
  const own = status.alarms.filter((alarm) => alarm.active);
  const peers = (report?.alarms ?? []).filter((alarm) => alarm.active)
    .map((alarm) => ({ ...alarm, where: ` on ${status.peer.name}${report.current ? '' : ', when it told last'}`, was: !report.current }));
  const active = [...own, ...peers];
  return active.length === 0 ? null : el('ul', {}, ...active.map((alarm) => {
    const code = alarm.code.replaceAll('_', ' ');
    return el(
      'li',
      {},
      alarm.was ? code : word('bad', code),
      alarm.where ?? '',
      `: ${alarm.text}`,
      alarm.remedy && !alarm.was ? el('div', {}, alarm.remedy) : null,
    );
  }));
}
