// Lets those see the videos who may: others see the form to log in.

import {
  type Access, fetchAccess, logIn, logInFromAddress, logOut, sessionAddress, tokenIn, versionOf, WRONG_IN_ADDRESS,
} from './access.js';
import {element, get, hasToken, pageAddress} from './elements.js';

export interface GateListener {
  /** The form has taken the videos' place: they must end. */
  onClosed(): void;
  /** The videos may begin. */
  onOpened(): void;
  onMessage(text: string): void;
}

export class Gate {
  readonly #address = sessionAddress(pageAddress);
  readonly #listener: GateListener;
  readonly #section = element('login', HTMLElement);
  readonly #token = element('token', HTMLInputElement);
  readonly #submit = element('login-submit', HTMLButtonElement);
  readonly #error = element('login-error', HTMLElement);
  readonly #dialog = element('logout-dialog', HTMLDialogElement);
  #isClosed = false;
  #access: Access|undefined;
  #asking: Promise<void>|undefined;
  // Of opening and closing: what was asked before says nothing any more.
  #changes = 0;

  constructor(listener: GateListener) {
    this.#listener = listener;
    element('login-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#logIn(this.#token.value.trim());
    });
    element('logout', HTMLButtonElement).addEventListener('click', () => this.#dialog.showModal());
    element('logout-cancel', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    element('logout-here', HTMLButtonElement).addEventListener('click', () => void this.#logOut(false));
    element('logout-everywhere', HTMLButtonElement).addEventListener('click', () => void this.#logOut(true));
    // As when an address with a token is pasted while the page is open.
    addEventListener('hashchange', () => this.#takeToken());
  }

  /** Whether nobody sees the videos. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Undefined while it is not known. */
  get access(): Access|undefined {
    return this.#access;
  }

  /** Whether there is something before the page that the keyboard is for. */
  get hasKeyboard(): boolean {
    return this.#isClosed || this.#dialog.open;
  }

  /** With the token in the address, if there is one, or the session that there may be. */
  begin(): void {
    if (!this.#takeToken()) {
      void this.check();
    }
  }

  /** Closes if there is no session any more. */
  check(): Promise<void> {
    const asking = this.#asking ?? this.#check().finally(() => {
      this.#asking = this.#asking === asking ? undefined : this.#asking;
    });
    this.#asking = asking;
    return asking;
  }

  /** The same, where there has been a session. */
  checkSession(): void {
    if (this.#access === 'view' || this.#access === 'control') {
      void this.check();
    }
  }

  async #check(): Promise<void> {
    const changes = this.#changes;
    const access = await fetchAccess(this.#address, get);
    if (changes !== this.#changes || this.#isClosed) {
      return;
    }
    if (access === 'none') {
      this.#close();
      this.#error.textContent = hasToken ? WRONG_IN_ADDRESS : '';
    } else if (access !== undefined) {
      this.#setAccess(access);
    }
  }

  #setAccess(access: Access|undefined): void {
    this.#access = access;
    const hasSession = (access === 'view' || access === 'control') && !hasToken;
    element('logout', HTMLElement).hidden = !hasSession;
    element('logout-scope', HTMLElement).textContent =
        access === 'control' ? 'all browsers' : 'all browsers that have logged in to watch';
  }

  // It is in the address no longer than that takes, and in no history.
  #takeToken(): boolean {
    const token = tokenIn(location.hash);
    if (token === undefined) {
      return false;
    }
    history.replaceState(history.state, '', location.pathname + location.search);
    this.#close(false);
    void this.#logIn(token, logInFromAddress);
    return true;
  }

  async #logIn(token: string, logInWith = logIn): Promise<void> {
    this.#error.textContent = '';
    if (token === '') {
      this.#fail('Enter the token.');
      return;
    }
    this.#submit.disabled = true;
    const before = await versionOf(pageAddress, get);
    const reason = await logInWith(this.#address, token, get);
    this.#submit.disabled = false;
    if (reason === '') {
      if (await versionOf(pageAddress, get) !== before) {
        location.reload();  // who has logged in gets a page of the owner's own here
      } else {
        this.#open();
      }
      return;
    }
    // So that it can be tried again, if it came with the address.
    this.#token.value = token;
    this.#fail(reason);
  }

  #fail(reason: string): void {
    this.#section.hidden = false;
    this.#error.textContent = reason;
    this.#token.focus();
    this.#token.select();
  }

  async #logOut(everywhere: boolean): Promise<void> {
    this.#dialog.close();
    const reason = await logOut(this.#address, everywhere, get);
    if (reason === '') {
      this.#close();
    } else {
      this.#listener.onMessage(reason);
    }
  }

  #open(): void {
    this.#token.value = '';
    this.#section.hidden = true;
    this.#isClosed = false;
    this.#changes += 1;
    this.#asking = undefined;
    this.#listener.onOpened();
    void this.check();
  }

  // `asks`: whether the form is shown.
  #close(asks = true): void {
    if (this.#isClosed) {
      return;
    }
    this.#isClosed = true;
    this.#changes += 1;
    this.#setAccess('none');
    this.#dialog.close();
    this.#section.hidden = !asks;
    this.#error.textContent = '';
    this.#listener.onClosed();
    if (asks) {
      this.#token.focus();
    }
  }
}
