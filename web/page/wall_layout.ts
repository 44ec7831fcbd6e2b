// Which of several streams is selected, whether it is large, and the effects of keys. Pure functions.

export interface WallState {
  readonly selected: number;
  /** The selected one fills the window, the others are in a row below it. Else all are equally large. */
  readonly isLarge: boolean;
}

/** Where `key` leads from `state`, of `count` tiles in `columns` columns; undefined: it is not for the wall. */
export function afterKey(state: WallState, key: string, count: number, columns: number): WallState|undefined {
  const {selected, isLarge} = state;
  const step = stepOf(key, isLarge ? 1 : columns);
  if (step !== undefined) {
    const next = selected + step;
    return {selected: next >= 0 && next < count ? next : selected, isLarge};
  }
  if (/^[1-9]$/.test(key)) {
    return Number(key) <= count ? {selected: Number(key) - 1, isLarge: true} : undefined;
  }
  switch (key) {
    case 'Home':
      return {selected: 0, isLarge};
    case 'End':
      return {selected: count - 1, isLarge};
    case 'Enter':
      return isLarge ? undefined : {selected, isLarge: true};
    case 'Escape':
      return isLarge ? {selected, isLarge: false} : undefined;
  }
  return undefined;
}

function stepOf(key: string, columns: number): number|undefined {
  return {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns}[key];
}

/** How many columns the tiles are in, by the left edges of all, in order. */
export function columnsOf(lefts: readonly number[]): number {
  const [first = 0] = lefts;
  const second = lefts.findIndex((left, index) => index > 0 && Math.abs(left - first) < 1);
  return second > 0 ? second : Math.max(1, lefts.length);
}
