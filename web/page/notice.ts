// What the page says when there is no live picture.

import type {PlayerState} from '../player/session.js';

export interface Notice {
  readonly title: string;
  readonly detail: string;
}

/** `detail`: why, as far as somebody knows. */
export function noticeFor(state: PlayerState, detail: string): Notice {
  switch (state) {
    case 'connecting':
      return {title: 'Connecting…', detail: ''};
    case 'playing':
      return {title: 'Playing', detail: ''};
    case 'stalled':
      return {title: 'No picture from the camera', detail: detail || 'Waiting for it to come back.'};
    case 'reconnecting':
      return {title: 'Connection lost', detail: 'Trying to reconnect…'};
    case 'paused':
      return {title: 'Paused', detail: ''};
    case 'stopped':
      return {title: 'Stopped', detail: ''};
    case 'unsupported':
      return {
        title: 'This browser cannot show the video',
        detail: 'It needs WebAssembly and a 2D canvas: Firefox, Chrome, Edge and Safari from 2023 ' +
            `on have both. (${detail})`,
      };
  }
}

/** The server's own account of its camera; empty if it sees no trouble, or cannot be asked. */
export async function troubleOfCamera(): Promise<string> {
  try {
    const response = await fetch('healthz', {cache: 'no-store'});
    return response.ok ? '' : (await response.text()).trim();
  } catch {
    return '';
  }
}
