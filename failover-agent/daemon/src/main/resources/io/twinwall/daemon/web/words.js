// SPDX-License-Identifier: Apache-2.0

/** Numbers and times as people read them; the same words as `twinwall status`. */

const grouped = new Intl.NumberFormat('en');

/** 12345 as 12,345; what is not known as a question mark. */
export function count(value) {
  return value === null || value === undefined || value < 0 ? '?' : grouped.format(value);
}

/** Two units at most, from milliseconds to days; "never" when negative. */
export function duration(ms) {
  if (ms === null || ms === undefined || ms < 0) {
    return 'never';
  }
  const s = Math.floor(ms / 1000);
  if (s < 1) {
    return `${Math.round(ms)} ms`;
  }
  if (s < 60) {
    return `${s} s`;
  }
  if (s < 3600) {
    return `${Math.floor(s / 60)} min ${s % 60} s`;
  }
  return s < 86400
    ? `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`
    : `${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

/** A fraction of a millisecond where there is one. */
export function ms(value) {
  return `${value < 10 ? value.toFixed(1) : grouped.format(Math.round(value))} ms`;
}

/** NEVER_HEARD as never heard. */
export function lower(word) {
  return (word ?? '').toLowerCase().replaceAll('_', ' ');
}

/** The greatest round number of an axis that holds `value`: 1, 2 or 5 and noughts. */
export function roundUp(value) {
  if (!(value > 0)) {
    return 1;
  }
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value);
}
