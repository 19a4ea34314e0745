/** The one script of every page. Pages work without it; it makes them quicker and more forgiving. */
import "htmx.org";
import { startBench } from "./bench";
import { startBenchOffline } from "./bench-offline";
import { startCamera } from "./camera";
import { startChoosing } from "./choosing";
import { startConfirm } from "./confirm";
import { startDrafts } from "./drafts";
import { startFocus } from "./focus";
import { startForms } from "./forms";
import { startGrids } from "./grid";
import { startLeaving } from "./leaving";
import { startMethods } from "./method";
import { startNet } from "./net";
import { startPage } from "./page";
import { startPhotos } from "./photos";
import { startQueue } from "./queue";
import { startRunner } from "./runner";

startConfirm(); // first: it must see a submit before anybody else
startForms();
startFocus();
startDrafts();
startNet();
startPage();
startGrids();
startChoosing();
startPhotos();
startQueue();
startRunner();
startMethods();
startBench();
startBenchOffline();
startLeaving();
startCamera();
