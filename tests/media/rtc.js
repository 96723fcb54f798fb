// What a page does to publish by WHIP and to watch by WHEP, and what it then sees; `post` takes an offer, gives an answer.
globalThis.rtc = {
  over(path, token) {
    return async (offer) => {
      const response = await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` },
        body: offer,
      });
      if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
      return response.text();
    };
  },
  async shake(pc, post) {
    await pc.setLocalDescription();
    const sdp = await post(pc.localDescription.sdp);
    await pc.setRemoteDescription({ type: "answer", sdp });
  },
  // A picture that takes all the bits it may have; the made-up camera's takes few.
  snow() {
    const [small, canvas] = [document.createElement("canvas"), document.createElement("canvas")];
    Object.assign(small, { width: 160, height: 120 });
    Object.assign(canvas, { width: 640, height: 480 });
    const [flakes, shown] = [small.getContext("2d"), canvas.getContext("2d")];
    const image = flakes.createImageData(160, 120);
    const words = new Uint32Array(image.data.buffer);
    setInterval(() => {
      for (let at = 0; at < words.length; at++) words[at] = 0xff000000 | (Math.random() * 0xffffff);
      flakes.putImageData(image, 0, 0);
      shown.drawImage(small, 0, 0, 640, 480);
    }, 33);
    return canvas.captureStream(30);
  },
  async publish(post, codec, made) {
    const video = { width: 640, height: 480, frameRate: 30 };
    const stream = made ?? (await navigator.mediaDevices.getUserMedia({ video, audio: true }));
    const pc = new RTCPeerConnection();
    for (const track of stream.getTracks()) {
      const transceiver = pc.addTransceiver(track, { direction: "sendonly", streams: [stream] });
      if (track.kind === "video" && codec) {
        const { codecs } = RTCRtpSender.getCapabilities("video");
        transceiver.setCodecPreferences(codecs.filter((one) => [codec, "video/rtx"].includes(one.mimeType)));
      }
    }
    await rtc.shake(pc, post);
    globalThis.publishing = pc;
  },
  async watch(post) {
    const pc = new RTCPeerConnection();
    const element = document.createElement("video");
    Object.assign(element, { autoplay: true, muted: true, playsInline: true });
    document.body.append(element);
    const stream = new MediaStream();
    element.srcObject = stream;
    pc.ontrack = (event) => stream.addTrack(event.track);
    pc.addTransceiver("audio", { direction: "recvonly" });
    pc.addTransceiver("video", { direction: "recvonly" });
    const began = performance.now();
    const seen = new Promise((resolve) => element.requestVideoFrameCallback(() => resolve(performance.now() - began)));
    await rtc.shake(pc, post);
    globalThis.watching = pc;
    return seen;
  },
  leave() {
    watching.close();
    document.querySelector("video").remove();
  },
  async received() {
    const found = {};
    for (const one of (await watching.getStats()).values()) if (one.type === "inbound-rtp") found[one.kind] = one;
    return found;
  },
  async sent() {
    for (const one of (await publishing.getStats()).values())
      if (one.type === "outbound-rtp" && one.kind === "video") return one;
    return {};
  },
};
