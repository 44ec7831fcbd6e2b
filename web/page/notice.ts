// The text that the page shows where there is no live picture.

import type {StateDetail} from '../player/session_messages.js';

export interface Notice {
  readonly title: string;
  readonly detail: string;
}

/** That the picture must not be taken for live: its age, and whether new ones come, late. */
export interface Frozen {
  readonly seconds: number;
  readonly late: boolean;
}

export const LIVE: Frozen = {seconds: 0, late: false};

/** `reason`: the server's, or empty. */
export function noticeFor({state, connectedBefore, reason = '', cause}: StateDetail, frozen = LIVE): Notice {
  switch (state) {
    case 'connecting':
      return {title: 'Connecting…', detail: reason};
    case 'playing':
      return {title: playingTitle(frozen), detail: ''};
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
    case 'unauthorized':
      return {title: 'Log in to watch', detail: ''};
    case 'unsupported':
      return cause === 'server' ?
          {title: reason, detail: 'Reload this page to try again.'} :
          {title: 'This browser cannot show the video', detail: reason};
  }
}

function playingTitle({seconds, late}: Frozen): string {
  return seconds === 0 ? 'Playing' : late ? 'The picture is late' : 'The picture is frozen';
}

/** The label over a picture that must not be taken for live; empty if it is. */
export function frozenText({seconds, late}: Frozen): string {
  return seconds === 0 ? '' : `${late ? 'Late by' : 'Frozen for'} ${durationText(seconds)}`;
}

function durationText(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`;
}
