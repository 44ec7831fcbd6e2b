// A BroadcastChannel whose messages arrive at once, as those of a browser soon do.

export class FakeBroadcast {
  static all = [];

  static install() {
    FakeBroadcast.all = [];
    globalThis.BroadcastChannel = FakeBroadcast;
  }

  constructor(name) {
    this.name = name;
    FakeBroadcast.all.push(this);
  }

  postMessage(data) {
    for (const other of FakeBroadcast.all) {
      if (other !== this && other.name === this.name) {
        other.onmessage({data: structuredClone(data)});
      }
    }
  }
}
