//! The window, on an X server without a screen, whose picture is in a file: what it shows is compared by pixels, and keys are
//! pressed as by a person.
#![cfg(all(feature = "host", feature = "window"))]

#[path = "support/mod.rs"]
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use support::{TempDir, guests, oracle, run, workspace};

/// Long enough for a window to show something.
const LIMIT: Duration = Duration::from_secs(60);

/// An X server; the picture of its screen is in a file.
struct Server {
    process: Child,
    display: String,
    directory: TempDir,
}

impl Server {
    fn start() -> Option<Server> {
        let xvfb = oracle("Xvfb")?;
        let directory = TempDir::new();
        let mut process = Command::new(xvfb)
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "640x480x24",
                "-nolisten",
                "tcp",
                // It would begin anew, and refuse whoever comes then, each time its last client leaves.
                "-noreset",
                "-fbdir",
            ])
            .arg(directory.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb");
        let mut number = String::new();
        let mut told = BufReader::new(process.stdout.take().expect("piped"));
        told.read_line(&mut number).expect("a display's number");
        Some(Server {
            process,
            display: format!(":{}", number.trim()),
            directory,
        })
    }

    /// The pixels of the screen, row by row, and how many there are in a row: an XWD file (X11/XWDFile.h).
    fn screen(&self) -> (Vec<u32>, usize) {
        let file = fs::read(self.directory.path().join("Xvfb_screen0")).expect("a screen");
        let number = |index: usize| {
            let bytes = file[index * 4..][..4].try_into().expect("four");
            u32::from_be_bytes(bytes) as usize
        };
        let (header, width, height) = (number(0), number(4), number(5));
        let (bits, stride, colours) = (number(11), number(12), number(19));
        assert_eq!(bits, 32, "bits of a pixel");
        let pixels = &file[header + colours * 12..];
        let row = |y: usize| &pixels[y * stride..][..width * 4];
        let pixel = |bytes: &[u8; 4]| u32::from_le_bytes(*bytes) & 0xff_ffff;
        let all = (0..height).flat_map(|y| row(y).as_chunks().0.iter().map(pixel));
        (all.collect(), width)
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        let tool = oracle("xdotool").expect("xdotool");
        let mut command = Command::new(tool);
        let done = command
            .env("DISPLAY", &self.display)
            .args(arguments)
            .output();
        String::from_utf8_lossy(&done.expect("xdotool").stdout).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn rom(name: &str) -> PathBuf {
    workspace().join("roms/bare").join(name)
}

/// A program in a window.
struct Shown(Child);

impl Shown {
    fn start(server: &Server, flags: &[&str], rom: &str) -> Shown {
        Shown::on(server, "bare", flags, self::rom(rom))
    }

    /// On a machine of this name.
    fn on(server: &Server, machine: &str, flags: &[&str], program: PathBuf) -> Shown {
        // Whoever began the tests may ignore hang-ups, as `nohup` does.
        let child = Command::new("env")
            .args(["--default-signal=HUP", env!("CARGO_BIN_EXE_portolan")])
            .args(["run", "--machine", machine])
            .args(flags)
            .arg(program)
            .env("DISPLAY", &server.display)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn();
        Shown(child.expect("portolan"))
    }

    /// What it printed, and its exit status, as a shell shows it.
    fn end(mut self) -> (String, Option<i32>) {
        let started = Instant::now();
        while self.0.try_wait().expect("our child").is_none() {
            assert!(started.elapsed() < LIMIT, "it does not end");
            sleep(Duration::from_millis(5));
        }
        let mut printed = String::new();
        let mut out = self.0.stdout.take().expect("piped");
        out.read_to_string(&mut printed).expect("text");
        let status = self.0.wait().expect("our child");
        let killed = status.signal().map(|signal| 128 + signal);
        (printed, status.code().or(killed))
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until something is true.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LIMIT, "never: {what}");
        sleep(Duration::from_millis(10));
    }
}

/// What the game shows when it is lost, without a window: the pixels, and how many there are in a row.
fn lost(scratch: &TempDir) -> (Vec<u32>, usize) {
    let path = scratch.path().join("lost.png");
    let mut portolan = Command::new(env!("CARGO_BIN_EXE_portolan"));
    portolan.args([
        "run",
        "--machine",
        "bare",
        "--display",
        "none",
        "--frames",
        "100",
    ]);
    portolan.args(GAME).arg("--screenshot").arg(&path);
    let end = run(portolan.arg(rom("x86_64/snake")), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let file = BufReader::new(fs::File::open(path).expect("a picture"));
    let mut reader = png::Decoder::new(file).read_info().expect("a picture");
    let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut bytes).expect("a picture");
    let pixel = |rgb: &[u8; 3]| u32::from_be_bytes([0, rgb[0], rgb[1], rgb[2]]);
    let pixels = bytes.as_chunks().0.iter().map(pixel).collect();
    (pixels, info.width as usize)
}

/// Whether the screen shows a picture somewhere, each pixel as a square.
fn shows(server: &Server, (pixels, width): &(Vec<u32>, usize), scale: usize) -> bool {
    let (screen, across) = server.screen();
    let (down, height) = (screen.len() / across, pixels.len() / width);
    let square = |x: usize, y: usize| pixels[y / scale * width + x / scale];
    let at = |left: usize, top: usize| {
        (0..height * scale).all(|y| {
            let row = &screen[(top + y) * across + left..][..width * scale];
            row.iter()
                .enumerate()
                .all(|(x, pixel)| *pixel == square(x, y))
        })
    };
    let tops = 0..=down - height * scale;
    tops.flat_map(|top| (0..=across - width * scale).map(move |left| (left, top)))
        .any(|(left, top)| screen[top * across + left] == pixels[0] && at(left, top))
}

/// A game that goes up to the wall, and stays there.
const GAME: [&str; 4] = ["--framebuffer", "160x120", "--keys", "1:up"];

#[test]
fn a_window_shows_what_the_screen_shows() {
    let Some(server) = Server::start() else {
        return;
    };
    let picture = lost(&server.directory);
    for (isa, scale) in [("riscv64", 3), ("mips", 1)] {
        let text = scale.to_string();
        let flags = ["--display", "window", "--scale", &text];
        let game = Shown::start(
            &server,
            &[&flags[..], &GAME].concat(),
            &format!("{isa}/snake"),
        );
        wait_until("the picture", || shows(&server, &picture, scale));
        drop(game);
        wait_until("the window is gone", || !shows(&server, &picture, scale));
    }
}

/// Waits for a window whose name has this in it: its number.
fn window(server: &Server, name: &str) -> String {
    let mut window = String::new();
    wait_until("a window", || {
        let found = server.xdotool(&["search", "--name", name]);
        window = found.trim().to_owned();
        !window.is_empty()
    });
    window
}

/// Waits for a window whose name has this in it, and gives it the keyboard.
fn focus(server: &Server, name: &str) {
    let window = window(server, name);
    server.xdotool(&["windowfocus", "--sync", &window]);
}

/// A client of the X server: as much of one as a window manager needs for its close button (X Window System Protocol,
/// Encoding; Inter-Client Communication Conventions, 4.2.8.1).
struct Manager(UnixStream);

impl Manager {
    fn of(server: &Server) -> Manager {
        let number = server.display.trim_start_matches(':');
        let socket = UnixStream::connect(format!("/tmp/.X11-unix/X{number}"));
        let mut manager = Manager(socket.expect("the server"));
        // Lowest byte first, version 11, and no authorization.
        manager.say(&[b'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let mut start = [0; 8];
        manager.0.read_exact(&mut start).expect("an answer");
        assert_eq!(start[0], 1, "the server refuses");
        let mut rest = vec![0; usize::from(u16::from_le_bytes([start[6], start[7]])) * 4];
        manager.0.read_exact(&mut rest).expect("the rest of it");
        manager
    }

    fn say(&mut self, request: &[u8]) {
        self.0.write_all(request).expect("the server listens");
    }

    /// The number of a name.
    fn atom(&mut self, name: &str) -> u32 {
        let words = name.len().div_ceil(4);
        let mut request = vec![16, 0, 2 + words as u8, 0, name.len() as u8, 0, 0, 0];
        request.extend(name.bytes());
        request.resize(8 + words * 4, 0);
        self.say(&request);
        let mut answer = [0; 32];
        self.0.read_exact(&mut answer).expect("an answer");
        assert_eq!(answer[0], 1, "an error: {answer:?}");
        u32::from_le_bytes(answer[8..12].try_into().expect("four"))
    }

    /// Does what the close button of a window does: asks it to go.
    fn close(&mut self, window: &str) {
        let window: u32 = window.parse().expect("a window's number");
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        // SendEvent, to whoever made the window.
        let mut request = vec![25, 0, 11, 0];
        // The destination; no event mask; a ClientMessage of 32-bit words; its window, its type, and its five words.
        let message = 33 | 32 << 8;
        for word in [window, 0, message, window, protocols, delete, 0, 0, 0, 0] {
            request.extend(word.to_le_bytes());
        }
        self.say(&request);
        // It has been carried out, and was no error, when the next answer comes.
        self.atom("WM_PROTOCOLS");
    }
}

/// `tests/framebuffer/draw.c`, and the picture that it draws on 100 by 50 pixels.
fn drawing(scratch: &TempDir) -> Option<(PathBuf, (Vec<u32>, usize))> {
    let program = scratch.path().join("draw");
    let mut compile = Command::new(guests::named("mips").compiler()?);
    compile.args(["-O1", "-static", "-o"]).arg(&program);
    let source = workspace().join("tests/framebuffer/draw.c");
    let end = run(compile.arg(source), b"");
    assert_eq!(end.status, 0, "{}", String::from_utf8_lossy(&end.stderr));
    let pixel = |x: u32, y: u32| if y == 10 { 0xff } else { x << 16 | y << 8 | 64 };
    let pixels = (0..50).flat_map(|y| (0..100).map(move |x| pixel(x, y)));
    Some((program, (pixels.collect(), 100)))
}

const DRAWING: [&str; 6] = [
    "--framebuffer",
    "100x50",
    "--display",
    "window",
    "--scale",
    "2",
];

/// What an ordinary program draws on /dev/fb0, of the other byte order, and the keys that it reads from
/// /dev/input/event0.
#[test]
fn a_program_of_linux_has_a_window() {
    let Some(server) = Server::start() else {
        return;
    };
    if oracle("xdotool").is_none() {
        return;
    }
    let Some((program, picture)) = drawing(&server.directory) else {
        return;
    };
    let shown = Shown::on(&server, "linux", &DRAWING, program);
    wait_until("the picture", || shows(&server, &picture, 2));
    focus(&server, "draw");
    server.xdotool(&["key", "Left"]);
    server.xdotool(&["key", "Escape"]);
    let (printed, status) = shown.end();
    assert_eq!(status, Some(7), "{printed}");
    // KEY_LEFT, pressed and released, and KEY_ESC.
    let keys: Vec<&str> = printed
        .lines()
        .filter(|line| line.starts_with("type 1 "))
        .collect();
    let expected = ["105 value 1", "105 value 0", "1 value 1", "1 value 0"];
    assert_eq!(
        keys,
        expected.map(|key| format!("type 1 code {key} time 1"))
    );
    wait_until("the window is gone", || !shows(&server, &picture, 2));
}

/// The close button switches a bare machine off, and hangs up on a program of Linux.
#[test]
fn the_close_button_ends_the_program() {
    let Some(server) = Server::start() else {
        return;
    };
    if oracle("xdotool").is_none() {
        return;
    }
    let mut manager = Manager::of(&server);
    let game = Shown::start(&server, &["--framebuffer", "160x120"], "riscv64/snake");
    manager.close(&window(&server, "snake"));
    assert_eq!(game.end().1, Some(0));
    let Some((program, picture)) = drawing(&server.directory) else {
        return;
    };
    let shown = Shown::on(&server, "linux", &DRAWING, program);
    wait_until("the picture", || shows(&server, &picture, 2));
    manager.close(&window(&server, "draw"));
    let (printed, status) = shown.end();
    assert_eq!(status, Some(128 + 1), "SIGHUP: {printed}");
    assert!(!printed.contains("done"), "{printed}");
    wait_until("the window is gone", || !shows(&server, &picture, 2));
}

/// The game hears of the keys that are pressed in the window.
#[test]
fn keys_reach_the_program() {
    let Some(server) = Server::start() else {
        return;
    };
    if oracle("xdotool").is_none() {
        return;
    }
    let program = Shown::start(&server, &["--framebuffer", "160x120"], "mips/snake");
    focus(&server, "snake");
    // Upwards, to the wall.
    server.xdotool(&["key", "Up"]);
    wait_until("the game is lost", || {
        server.screen().0.contains(&0x5d_4037)
    });
    server.xdotool(&["key", "Escape"]);
    assert_eq!(program.end(), ("score 0\n".to_owned(), Some(0)));
}

/// The bitmap display, live, with the keyboard in memory; it is there after the program has ended, too.
#[test]
fn a_simulator_has_a_window() {
    let Some(server) = Server::start() else {
        return;
    };
    if oracle("xdotool").is_none() {
        return;
    }
    let flags = "--display window --bitmap 0x10040000 --framebuffer 8x8 --scale 16";
    let flags: Vec<&str> = flags.split(' ').collect();
    for (machine, program) in [("spim", "walk.mars.asm"), ("rars", "walk.rars.asm")] {
        let program = workspace().join("tests/simulator").join(program);
        let mut shown = Shown::on(&server, machine, &flags, program);
        let dots = |colour: u32| {
            let screen = server.screen().0;
            screen.iter().filter(|pixel| **pixel == colour).count() / (16 * 16)
        };
        wait_until("the dot", || dots(0xff_8000) == 1);
        focus(&server, "walk");
        server.xdotool(&["type", "wd"]);
        wait_until("its way", || (dots(0xff_8000), dots(0x40_0000)) == (1, 2));
        server.xdotool(&["key", "q"]);
        wait_until("the end", || (dots(0xff_8000), dots(0x40_0000)) == (0, 3));
        sleep(Duration::from_millis(200));
        assert_eq!(shown.0.try_wait().expect("our child"), None, "it stays");
        assert_eq!(dots(0x40_0000), 3);
        drop(shown);
        wait_until("the window is gone", || dots(0x40_0000) == 0);
    }
}
