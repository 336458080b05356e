// Starts what a page asks for by its attributes.
import { begin as forms } from "./forms.js";
import { begin as live } from "./live.js";
import { begin as menu } from "./menu.js";
import { localize } from "./times.js";

localize(document);
setInterval(() => localize(document), 30_000);
menu();
forms();
live();
