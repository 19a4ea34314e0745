/** The few sentences that the script says itself, in the page's language. */
const isEnglish = document.documentElement.lang === "en";

const say = (zh: string, en: string): string => (isEnglish ? en : zh);

export const words = {
  yes: say("确定", "Yes"),
  no: say("取消", "Cancel"),
  close: say("关闭", "Close"),
  chosen: (n: number): string => say(`已选 ${n}`, `${n} chosen`),
  copied: say("已复制", "Copied"),
  copyByHand: say("请手动复制：", "Copy this by hand:"),
  offline: say("网络断了，没有提交。连上后再点一次。", "No connection: nothing was sent. Try again when you are online."),
  broken: say("系统出错了，没有完成。请稍后再试。", "Something broke on our side; this was not done. Try again in a minute."),
  gone: say("这条记录已不在您能看到的范围内。请刷新页面。", "This is no longer within your reach. Reload the page."),
  signIn: say("请重新登录", "Sign in again"),
  saved: say("已保存", "Saved"),
  waiting: (n: number): string => say(`待上传 ${n}`, `${n} to send`),
  held: (n: number): string => say(`未接受 ${n}`, `${n} not accepted`),
  heldTitle: say("没有被接受的内容", "Not accepted"),
  heldText: say("这些内容还存在这台设备上。请打开页面重新填写，或丢弃。", "These are still kept on this device. Open the page and enter them again, or discard them."),
  open: say("打开页面", "Open the page"),
  discard: say("丢弃", "Discard"),
  keptOffline: say("网络断了，已存在这台设备上，连上后自动上传。", "No connection: kept on this device and sent when you are online."),
  photoTooLarge: say("照片无法读取，请换一张。", "This photo cannot be read. Choose another."),
  left: (size: string): string => say(`还剩 ${size}`, `${size} left`),
  over: (size: string): string => say(`超时 ${size}`, `${size} over`),
  minutes: (n: number): string => say(`${n} 分`, `${n} min`),
  hours: (n: number): string => say(`${n} 小时`, `${n} h`),
  days: (n: number): string => say(`${n} 天`, n === 1 ? "1 day" : `${n} days`),
};
