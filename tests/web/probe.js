// Put into a page before its own scripts: what a test asks of the page's media. Nothing that the page does is changed.
window.probe = (() => {
  const peers = [];
  const tracks = []; // whatever the page has opened: camera, microphone, screen
  const asked = { getUserMedia: 0, getDisplayMedia: 0 };

  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...configuration) {
      super(...configuration);
      peers.push(this);
    }
  };
  const media = navigator.mediaDevices;
  for (const name of Object.keys(asked)) {
    const open = media?.[name].bind(media);
    if (!open) continue; // the empty page before the first one
    media[name] = async (...wanted) => {
      asked[name] += 1;
      const stream = await open(...wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
  }

  const LIMIT = 20_000; // milliseconds
  const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
  const partner = () => document.querySelector('video[aria-label^="The picture of"]');
  const frames = (video) => video.getVideoPlaybackQuality().totalVideoFrames;

  /** Reads `look` until `enough` says so, and returns what was read last; `enough` is told apart by whoever asked. */
  const until = async (look, enough) => {
    const end = performance.now() + LIMIT;
    for (;;) {
      const seen = await look();
      if (enough(seen) || performance.now() > end) return seen;
      await pause(50);
    }
  };

  const WIDTH = 64;
  const HEIGHT = 36;
  const draw = (picture, width, height) => {
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.drawImage(picture, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  };

  /** Its mean colour, and how many of its points are not as they were in `before`. */
  const compare = (now, before) => {
    const colour = [0, 0, 0];
    let changed = 0;
    for (let at = 0; at < now.length; at += 4) {
      for (const channel of [0, 1, 2]) colour[channel] += now[at + channel] / (WIDTH * HEIGHT);
      if (Math.abs(now[at + 1] - before[at + 1]) > 40) changed += 1;
    }
    return { colour, changed };
  };

  /** A video that plays, watched until at least `least` frames have come and the picture is another one. */
  const motion = async (video, least) => {
    if ((await until(video, (found) => found?.videoWidth > 0)) === null) return null;
    const [first, before] = [frames(video()), draw(video(), WIDTH, HEIGHT)];
    return until(
      () => ({ frames: frames(video()) - first, ...compare(draw(video(), WIDTH, HEIGHT), before) }),
      (seen) => seen.frames >= least && seen.changed > 0,
    );
  };

  /** How many different steps of ten the level meter has shown, once there are a few. */
  const levels = () => {
    const seen = new Set();
    const look = () => {
      seen.add(Math.round((document.querySelector("meter")?.value ?? 0) * 10));
      return seen.size;
    };
    return until(look, (steps) => steps >= 3);
  };

  /** The loudest moment of what comes from the partner, from 0 to 1, and its pitch in hertz; until it is loud. */
  const tone = async () => {
    const context = new AudioContext();
    const analyser = new AnalyserNode(context, { fftSize: 4096 });
    context.createMediaStreamSource(partner().srcObject).connect(analyser);
    const wave = new Float32Array(analyser.fftSize);
    const strengths = new Float32Array(analyser.frequencyBinCount);
    const heard = await until(
      () => {
        analyser.getFloatTimeDomainData(wave);
        analyser.getFloatFrequencyData(strengths);
        strengths.fill(-Infinity, 0, 10); // below 100 Hz there is the step with which a sound sets in
        const loudest = strengths.indexOf(Math.max(...strengths));
        return { peak: Math.max(...wave), pitch: (loudest * context.sampleRate) / analyser.fftSize };
      },
      ({ peak, pitch }) => peak > 0.3 && pitch > 200,
    );
    await context.close();
    return heard;
  };

  /** The greatest step between two neighbours in a line of a PNG: small where all is blurred. */
  const edges = async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const { width, height } = picture;
    const points = draw(picture, width, height);
    let steepest = 0;
    for (let line = 0; line < height; line += 1)
      for (let at = line * width * 4; at < (line * width + width - 1) * 4; at += 4)
        steepest = Math.max(steepest, Math.abs(points[at + 5] - points[at + 1]));
    return steepest;
  };

  /** The kinds of the two ends of the way that the newest connection has taken. */
  const way = async () => {
    const stats = await peers.at(-1).getStats();
    const transport = [...stats.values()].find((entry) => entry.type === "transport");
    const pair = stats.get(transport?.selectedCandidatePairId);
    return [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => stats.get(id)?.candidateType);
  };

  const loudness = async () => {
    const stats = [...(await peers.at(-1).getStats()).values()];
    return stats.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio")?.totalAudioEnergy ?? 0;
  };

  return {
    asked,
    peers,
    until,
    partner,
    partnerMoves: (least) => motion(partner, least),
    selfMoves: (least) => motion(() => document.querySelector('video[aria-label="Your own picture"]'), least),
    tone,
    levels,
    edges,
    way,
    loudness,
    /** Whether any part of the page could sound now. */
    sounds: () => [...document.querySelectorAll("video, audio")].some((one) => !one.muted && one.srcObject !== null),
    open: (kind) => tracks.filter((track) => track.readyState === "live" && (!kind || track.kind === kind)).length,
    received: (peer) => peers.at(peer).getReceivers().map(({ track }) => track.readyState),
  };
})();
