// The events of the wire contract on npm socket.io, in the plain way its guide teaches, for the benchmark.
//
//     node server.js PORT          PRESENCE=each (default) tells everybody of each arrival and departure at once;
//                                  PRESENCE=newcomer tells only the one who arrives
//
// Settings are those of socket.io's pages on performance and memory: WebSocket only, no per-message deflate, the native add-on
// bufferutil for ws (utf-8-validate is not needed: Node has its own), and the first request of a session let go.
"use strict";
const { createServer } = require("node:http");
const { Server } = require("socket.io");

const http = createServer((request, response) => response.end("node peer\n"));
const io = new Server(http, {
  transports: ["websocket"],
  allowUpgrades: false,
  perMessageDeflate: false,
  httpCompression: false,
  serveClient: false,
  maxHttpBufferSize: 200_000,
});
const broadcastPresence = (process.env.PRESENCE ?? "each") === "each";
const waiting = new Map(); // socket id -> socket, in the order of arrival in the queue
const rtcReady = new Set();
let onlineUsers = 0;

io.engine.on("connection", (session) => { session.request = null; });

function tellPresence(socket) {
  if (broadcastPresence) io.emit("onlineUsers", onlineUsers);
  else socket.emit("onlineUsers", onlineUsers);
}

function start(one, other) {
  const withVideo = one.data.withVideo || other.data.withVideo;
  const room = `chat ${one.id} ${other.id}`;
  for (const [me, partner] of [[one, other], [other, one]]) {
    me.join(room);
    me.data.room = room;
    me.data.partner = partner;
    me.emit("chatStart", { withVideo, partnerId: partner.id });
  }
}

function end(socket) {
  const partner = socket.data.partner;
  rtcReady.delete(socket.id);
  if (!partner) return null;
  rtcReady.delete(partner.id);
  for (const member of [socket, partner]) {
    member.leave(member.data.room);
    member.data.partner = null;
  }
  partner.emit("partnerLeft", { partnerId: socket.id });
  return partner;
}

function seek(socket) {
  socket.emit("waiting");
  waiting.delete(socket.id);
  for (const [id, other] of waiting) {
    waiting.delete(id);
    return start(other, socket);
  }
  waiting.set(socket.id, socket);
}

function say(socket, text) {
  if (!socket.data.partner || typeof text !== "string" || text.length === 0 || text.length > 2000) return;
  const message = { sender: socket.id, text, senderEmail: "Anonymous", timestamp: new Date().toISOString() };
  io.to(socket.data.room).emit("message", message); // encoded once for both
}

function readyToConnect(socket) {
  const partner = socket.data.partner;
  if (!partner) return;
  rtcReady.add(socket.id);
  if (rtcReady.has(partner.id)) (socket.id < partner.id ? socket : partner).emit("create-offer");
}

function signal(socket, event, key) {
  socket.on(event, (payload) => {
    if (!payload || typeof payload !== "object") return;
    socket.data.partner?.emit(event, { [key]: payload[key], from: socket.id });
  });
}

io.on("connection", (socket) => {
  onlineUsers += 1;
  socket.data.partner = null;
  tellPresence(socket);
  socket.on("findChat", (collegeEmail, withVideo = false) => {
    end(socket);
    socket.data.withVideo = withVideo === true;
    seek(socket);
  });
  socket.on("sendMessage", (text) => say(socket, text));
  socket.on("next", () => {
    const partner = end(socket);
    seek(socket);
    if (partner) seek(partner);
  });
  socket.on("ready-to-connect", () => readyToConnect(socket));
  signal(socket, "webrtc-offer", "offer");
  signal(socket, "webrtc-answer", "answer");
  signal(socket, "ice-candidate", "candidate");
  socket.on("disconnect", () => {
    onlineUsers = Math.max(0, onlineUsers - 1);
    waiting.delete(socket.id);
    end(socket);
    if (broadcastPresence) io.emit("onlineUsers", onlineUsers);
  });
});

http.listen({ host: "127.0.0.1", port: Number(process.argv[2]), backlog: 2048 });
process.on("SIGTERM", () => process.exit(0));
