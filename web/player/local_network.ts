// Whether the browser lets this page connect to devices in the local network: some ask their user first, where the
// page is of another network.

/** Of one server. For the page's own, and where the browser does not tell, it neither asks nor denies. */
export class LocalNetwork {
  #status: PermissionStatus | undefined;

  /** `url`: of the server. `onChange`: the user has decided. */
  constructor(url: string, onChange: () => void) {
    const {hostname} = new URL(url);
    // A page without TLS is told that it is denied, whatever network it is of.
    if (globalThis.isSecureContext && hostname !== location.hostname) {
      void this.#watch(hostname, onChange);
    }
  }

  /** The user has not decided. He may be being asked. */
  get mayAsk(): boolean {
    return this.#status?.state === 'prompt';
  }

  get isDenied(): boolean {
    return this.#status?.state === 'denied';
  }

  async #watch(hostname: string, onChange: () => void): Promise<void> {
    const isLoopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
    // Browsers before 2026 know the last one only.
    for (const name of [isLoopback ? 'loopback-network' : 'local-network', 'local-network-access']) {
      try {
        this.#status = await navigator.permissions.query({name: name as PermissionName});
        this.#status.onchange = onChange;
        return;
      } catch {
        // Not known to this browser.
      }
    }
  }
}
