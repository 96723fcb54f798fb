/** A host's connection: beside the room he hears what only hosts and moderators are told. */

import { Connection, type Listener, toRefusal } from "../shared/connection";
import { warn } from "../shared/warn";

const PERMISSION_DENIED = 103;

export interface BackstageListener {
  joined(data: unknown): void;
  told(data: unknown): void;
  /** He is neither host nor moderator of this room. */
  barred(): void;
}

export class HostConnection extends Connection {
  constructor(url: string, room: string, door: () => Promise<string>, listener: Listener, behind: BackstageListener) {
    super(url, room, door, listener, "host");
    this.#hear(room, behind);
  }

  close(): void {
    this.client.disconnect();
  }

  /** The room's last batches that are still kept, oldest first. */
  async recent(limit: number): Promise<unknown[]> {
    const { publications } = await this.subscription.history({ limit, reverse: true });
    return publications.map(({ data }) => data as unknown).reverse();
  }

  #hear(room: string, behind: BackstageListener): void {
    const subscription = this.client.newSubscription(`host:${room}`);
    subscription.on("subscribed", ({ data }) => behind.joined(data));
    subscription.on("publication", ({ data }) => behind.told(data));
    subscription.on("unsubscribed", ({ code }) => {
      if (code === PERMISSION_DENIED) behind.barred();
      else if (code !== 0 && code !== 2) warn(`backstage: closed with ${code}`);
    });
    subscription.on("error", ({ error }) => {
      if (!toRefusal(error).temporary) warn(`backstage: ${error.message}`, error); // else it asks again by itself
    });
    subscription.subscribe();
  }
}
