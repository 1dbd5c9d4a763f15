/** The design system: every component that screens are made of. The values behind it are in tokens.css. */

import "./tokens.css";
import "./base.css";
import "./button.css";
import "./icon-button.css";
import "./fields.css";
import "./switch.css";
import "./radios.css";
import "./chips.css";
import "./surfaces.css";
import "./news.css";
import "./dialog.css";
import "./menu.css";
import "./toasts.css";
import "./chat.css";
import "./pictures.css";
import "./mark.css";

export { Avatar, type AvatarProps, drawing } from "./Avatar";
export { Brand, Mark, Pair } from "./Brand";
export { Bubble, type BubbleProps, TypingDots } from "./Bubble";
export {
  Button,
  type ButtonKind,
  type ButtonProps,
  type ButtonSize,
  buttonClass,
  IconButton,
  type IconButtonProps,
} from "./Button";
export { Chip, ChipsInput, type ChipsInputProps } from "./Chips";
export { CodeField, type CodeFieldProps } from "./CodeField";
export { classes } from "./classes";
export { Dialog, type DialogProps } from "./Dialog";
export { ICON_NAMES, Icon, type IconName } from "./Icon";
export { Menu, type MenuItem, type MenuProps } from "./Menu";
export { Notice, type NoticeProps, type Tone } from "./Notice";
export {
  Card,
  type CardProps,
  EmptyState,
  type EmptyStateProps,
  Meter,
  type MeterProps,
  Page,
  type PageProps,
  Skeleton,
  Spinner,
  VisuallyHidden,
} from "./Page";
export { type CardChoice, RadioCards, type RadioCardsProps, Segmented } from "./RadioCards";
export { type Choice, Select, type SelectProps } from "./Select";
export { Checkbox, Switch, type SwitchProps } from "./Switch";
export { TextField, type TextFieldProps } from "./TextField";
export { showToast, type Toast, Toasts } from "./Toasts";
