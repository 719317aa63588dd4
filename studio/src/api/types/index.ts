/** Shapes of the studio's backend, as its answers come, by idea. */

export * from "./chat";
export * from "./instrument";
export * from "./persona";
export * from "./population";
export * from "./rating";
export * from "./run";
export * from "./shared";
