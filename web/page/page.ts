// The page: a video that fills it, or a wall of several, and a few controls.

import type {PistreamPlayer} from '../player/player.js';
import {element, get, pageAddress} from './elements.js';
import {Gate} from './gate.js';
import {StatisticsPanel} from './statistics_panel.js';
import {fetchStreams} from './streams.js';
import {Wall} from './wall.js';

const IDLE_AFTER_MS = 3000;
const MESSAGE_MS = 8000;
const LIST_AGAIN_MS = 30_000;

const controls = element('controls', HTMLElement);
const statistics = new StatisticsPanel();

const wall = new Wall({
  onChange: () => {
    showState();
    if (wall.first.state === 'reconnecting') {
      gate.checkSession();
    }
  },
  onStatistics: (tile, figures) => {
    if (tile === wall.current && tile.player !== undefined) {
      statistics.update(tile.player, figures, tile.name, gate.access);
    }
  },
  onLogInNeeded: () => gate.check(),
});

const gate: Gate = new Gate({
  onClosed: () => {
    wall.disconnect();
    showState();
  },
  onOpened: () => {
    wall.connect();
    showState();
    void updateStreams();
  },
  onMessage: (text) => showMessage(text),
});

function player(): PistreamPlayer|undefined {
  return wall.current?.player;
}

// Shows the state of the current tile; without one, only what applies to all tiles.
function showState(): void {
  const tile = wall.current;
  const state = gate.isClosed ? 'login' : tile?.state ?? 'wall';
  const isSingle = document.body.dataset['view'] === 'single';
  document.body.dataset['state'] = state;
  document.title = gate.isClosed ? 'Log in – pistream' : tile?.name !== undefined && !isSingle ? `${tile.name} – pistream` : 'pistream';
  controls.hidden = state === 'unsupported' && isSingle;
  element('pause-label', HTMLElement).textContent = state === 'paused' ? 'Play' : 'Pause';
  element('pause', HTMLElement).title = state === 'paused' ? 'Play (space)' : 'Pause (space)';
  if (state !== 'playing' && state !== 'wall') {
    document.body.classList.remove('idle');
  }
}

function togglePause(): void {
  if (player()?.state === 'paused') {
    player()?.play();
  } else {
    player()?.pause();
  }
}

let messageTimer: ReturnType<typeof setTimeout>|undefined;

function showMessage(text: string): void {
  const message = element('message', HTMLElement);
  message.hidden = false;
  message.textContent = text;
  clearTimeout(messageTimer);
  messageTimer = setTimeout(() => message.hidden = true, MESSAGE_MS);
}

async function savePicture(): Promise<void> {
  const tile = wall.current;
  if (tile?.player?.size === undefined) {
    return;
  }
  try {
    const address = URL.createObjectURL(await tile.player.savePicture());
    const link = document.createElement('a');
    link.href = address;
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
    link.download = `${['pistream', tile.name, time].filter((part) => part !== undefined).join('-')}.png`;
    link.click();
    URL.revokeObjectURL(address);
  } catch (error) {
    showMessage(error instanceof Error ? error.message : String(error));
  }
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
  'show-wall': () => wall.showAll(),
  'pause': togglePause,
  'save': savePicture,
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
  const quality = element('quality', HTMLSelectElement);
  const asked = new URLSearchParams(location.search).get('quality');
  quality.value = [...quality.options].some(({value}) => value === asked) ? asked ?? 'auto' : 'auto';
  quality.addEventListener('change', () => wall.quality = quality.value);
  // Phones of one kind have no full screen for pages.
  element('fullscreen', HTMLElement).hidden = !document.fullscreenEnabled;
  document.addEventListener('keydown', (event) => {
    const isForButton = (event.key === ' ' || event.key === 'Enter') && event.target instanceof HTMLButtonElement;
    const isForChoice = event.target instanceof HTMLSelectElement;
    if (gate.hasKeyboard || isForButton || isForChoice || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const name = keys[event.key.toLowerCase()];
    const isOfPlayer = name !== undefined && (name === 'fullscreen' || wall.current !== undefined);
    if (isOfPlayer) {
      actions[name]?.();
    }
    if (isOfPlayer || wall.handleKey(event.key)) {
      event.preventDefault();
    }
  });
  document.addEventListener('dblclick', ({target}) => {
    if (target instanceof Element && target.closest('pistream-video') !== null) {
      void toggleFullScreen();
    }
  });
}

function hideControlsWhenIdle(): void {
  let timer: ReturnType<typeof setTimeout>|undefined;
  const wake = () => {
    document.body.classList.remove('idle');
    clearTimeout(timer);
    timer = setTimeout(() => {
      const isUndisturbed = ['playing', 'wall'].includes(document.body.dataset['state'] ?? '');
      document.body.classList.toggle('idle', isUndisturbed);
    }, IDLE_AFTER_MS);
  };
  for (const name of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
    document.addEventListener(name, wake);
  }
  wake();
}

// At the start, after each new connection, since the server may have another configuration by then, and
// every half minute.
async function updateStreams(): Promise<void> {
  const streams = await fetchStreams(pageAddress, get);
  if (streams !== undefined && !gate.isClosed) {
    wall.show(streams);
  }
}

function keepStreamsUpdated(): void {
  void updateStreams();
  let connections = 0;
  wall.first.video.addEventListener('statistics', () => {
    const {connections: now = 0} = wall.first.player?.statistics?.total ?? {};
    if (connections !== 0 && now !== connections) {
      void updateStreams();
      gate.checkSession();
    }
    connections = now;
  });
  setInterval(() => {
    if (document.visibilityState === 'visible' && !gate.isClosed) {
      void updateStreams();
    }
  }, LIST_AGAIN_MS);
}

wireControls();
hideControlsWhenIdle();
showState();
gate.begin();
keepStreamsUpdated();
