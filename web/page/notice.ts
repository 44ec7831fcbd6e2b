// The text that the page shows where there is no live picture.

import type {StateDetail} from '../player/session.js';

export interface Notice {
  readonly title: string;
  readonly detail: string;
}

/** `reason`: the server's, or empty. */
export function noticeFor({state, connectedBefore, reason = ''}: StateDetail): Notice {
  switch (state) {
    case 'connecting':
      return {title: 'Connecting…', detail: ''};
    case 'playing':
      return {title: 'Playing', detail: ''};
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
      return {title: 'This browser cannot show the video', detail: reason};
  }
}
