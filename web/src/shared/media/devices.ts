/** Camera, microphone and screen: asked for by a click, and what is wrong when they do not come, in one word. */

export type Trouble = "insecure" | "denied" | "none" | "busy" | "lost" | "dismissed" | "other";

/** Which word stands for an error of `getUserMedia` or `getDisplayMedia`. */
export function troubleOf(name: string, screen = false): Trouble {
  switch (name) {
    case "NotAllowedError":
      return screen ? "dismissed" : "denied";
    case "NotFoundError":
      return "none";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "other";
  }
}

export class NoDevice extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble);
  }
}

export interface Wish {
  camera: string | null;
  microphone: string | null;
}

/**
 * Camera and microphone, both of them, the wished ones where they are there; `fellBack` when they were not. Raises
 * NoDevice.
 */
export async function openDevices(wish: Wish): Promise<{ stream: MediaStream; fellBack: boolean }> {
  if (!navigator.mediaDevices) throw new NoDevice("insecure");
  const video = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  const exact = (id: string | null) => (id ? { deviceId: { exact: id } } : {});
  const wished = { video: { ...video, ...exact(wish.camera) }, audio: { ...exact(wish.microphone) } };
  try {
    return { stream: await navigator.mediaDevices.getUserMedia(wished), fellBack: false };
  } catch (error) {
    if ((error as DOMException).name !== "OverconstrainedError") throw asNoDevice(error, false);
  }
  try {
    return { stream: await navigator.mediaDevices.getUserMedia({ video, audio: true }), fellBack: true };
  } catch (error) {
    throw asNoDevice(error, false);
  }
}

/** A screen or a window, as its user picks it. Raises NoDevice. */
export async function openScreen(): Promise<MediaStreamTrack> {
  if (!navigator.mediaDevices?.getDisplayMedia) throw new NoDevice("insecure");
  try {
    const [track] = (await navigator.mediaDevices.getDisplayMedia({ video: true })).getVideoTracks();
    if (!track) throw new NoDevice("none");
    track.contentHint = "detail";
    return track;
  } catch (error) {
    throw asNoDevice(error, true);
  }
}

function asNoDevice(error: unknown, screen: boolean): NoDevice {
  return error instanceof NoDevice ? error : new NoDevice(troubleOf((error as DOMException).name, screen));
}

/** How loud a track is, 0 to 1, ten times a second; returns how to stop listening. */
export function hearLevel(track: MediaStreamTrack, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    tell(Math.min(1, 4 * Math.sqrt(power)));
  }, 100);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
