// The page at "/": the picture, a word where there is none, and a few controls.

import type {PistreamPlayer, PlayerEvents} from '../player/player.js';
import {element} from './elements.js';
import {noticeFor, troubleOfCamera} from './notice.js';
import {StatisticsPanel} from './statistics_panel.js';

// From player.js beside this script, as any other page would load it.
import {PistreamVideo} from 'pistream-player';

const IDLE_AFTER_MS = 3000;
const ASK_FOR_TROUBLE_EVERY_MS = 2000;

const video = element('video', PistreamVideo);
const controls = element('controls', HTMLElement);
const statistics = new StatisticsPanel();

function player(): PistreamPlayer {
  if (video.player === undefined) {
    throw new Error('the video element has no player');
  }
  return video.player;
}

function say(state: PlayerEvents['state']['detail']['state'], detail = ''): void {
  const notice = noticeFor(state, detail);
  element('notice-title', HTMLElement).textContent = notice.title;
  element('notice-detail', HTMLElement).textContent = notice.detail;
}

function showState({state, reason}: PlayerEvents['state']['detail']): void {
  document.body.dataset['state'] = state;
  controls.hidden = state === 'unsupported';
  element('pause-label', HTMLElement).textContent = state === 'paused' ? 'Play' : 'Pause';
  element('pause', HTMLElement).title = state === 'paused' ? 'Play (space)' : 'Pause (space)';
  say(state, reason);
  if (state !== 'playing') {
    document.body.classList.remove('idle');
  }
  if (state === 'stalled') {
    void explainStall();
  }
}

// The connection stands, but no picture comes: the server may know why.
async function explainStall(): Promise<void> {
  const trouble = await troubleOfCamera();
  if (video.player?.state === 'stalled') {
    say('stalled', trouble);
    setTimeout(() => void explainStall(), ASK_FOR_TROUBLE_EVERY_MS);
  }
}

function togglePause(): void {
  if (player().state === 'paused') {
    player().play();
  } else {
    player().pause();
  }
}

async function savePicture(): Promise<void> {
  const address = URL.createObjectURL(await player().savePicture());
  const link = document.createElement('a');
  link.href = address;
  link.download = `pistream-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.png`;
  link.click();
  URL.revokeObjectURL(address);
}

async function toggleFullScreen(): Promise<void> {
  if (document.fullscreenElement !== null) {
    await document.exitFullscreen();
  } else {
    await document.documentElement.requestFullscreen();
  }
}

// By name of the button that does the same.
const actions: Record<string, () => unknown> = {
  'pause': togglePause,
  'save': () => savePicture().catch(() => undefined),  // No picture yet: nothing to save.
  'show-statistics': () => statistics.toggle(),
  'fullscreen': toggleFullScreen,
};
const keys: Record<string, string> = {
  ' ': 'pause',
  'k': 'pause',
  'p': 'save',
  's': 'show-statistics',
  'f': 'fullscreen',
};

function wireControls(): void {
  for (const [id, action] of Object.entries(actions)) {
    element(id, HTMLButtonElement).addEventListener('click', () => action());
  }
  // Phones of one kind have no full screen for pages.
  element('fullscreen', HTMLElement).hidden = !document.fullscreenEnabled;
  document.addEventListener('keydown', (event) => {
    const isForButton = event.key === ' ' && event.target instanceof HTMLButtonElement;
    const name = keys[event.key.toLowerCase()];
    if (name !== undefined && !isForButton && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      actions[name]?.();
    }
  });
  video.addEventListener('dblclick', () => void toggleFullScreen());
}

function hideControlsWhenIdle(): void {
  let timer: ReturnType<typeof setTimeout>|undefined;
  const wake = () => {
    document.body.classList.remove('idle');
    clearTimeout(timer);
    timer = setTimeout(() => {
      const isPlaying = document.body.dataset['state'] === 'playing';
      document.body.classList.toggle('idle', isPlaying);
    }, IDLE_AFTER_MS);
  };
  for (const name of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
    document.addEventListener(name, wake);
  }
  wake();
}

video.setAttribute('label', `Live video from ${location.hostname}`);
video.addEventListener('state', (event) => showState((event as PlayerEvents['state']).detail));
video.addEventListener(
    'statistics',
    (event) => statistics.update(player(), (event as PlayerEvents['statistics']).detail));
wireControls();
hideControlsWhenIdle();
showState({state: player().state});
