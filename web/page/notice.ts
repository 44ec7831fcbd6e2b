// The text that the page shows where there is no live picture.

import type {StateDetail} from '../player/session_messages.js';

export interface Notice {
  readonly title: string;
  readonly detail: string;
}

/** `reason`: the server's, or empty. `isFrozen`: the picture must not be taken for live, though it plays. */
export function noticeFor({state, connectedBefore, reason = '', cause}: StateDetail, isFrozen = false): Notice {
  switch (state) {
    case 'connecting':
      return {title: 'Connecting…', detail: ''};
    case 'playing':
      return {title: isFrozen ? 'The picture is frozen' : 'Playing', detail: ''};
    case 'stalled':
      return {title: 'No picture from the camera', detail: reason || 'Waiting for it to come back.'};
    case 'reconnecting':
      return connectedBefore === false ?
          {title: 'Cannot connect', detail: reason || 'Trying again…'} :
          {title: 'Connection lost', detail: reason || 'Trying to reconnect…'};
    case 'paused':
      return {title: 'Paused', detail: ''};
    case 'stopped':
      return {title: 'Stopped', detail: ''};
    case 'unsupported':
      return cause === 'server' ?
          {title: reason, detail: 'Reload this page to try again.'} :
          {title: 'This browser cannot show the video', detail: reason};
  }
}

/** The label over a picture that must not be taken for live; empty if it is. */
export function frozenText(seconds: number): string {
  return seconds === 0 ? '' : `Frozen for ${seconds} s`;
}
