//! The files of a program: 0, 1 and 2 are the console, others follow.

use super::console::Console;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// What went wrong the program learns by a negative result, without more.
#[derive(Debug)]
pub struct FileError;

impl From<std::io::Error> for FileError {
    fn from(_: std::io::Error) -> FileError {
        FileError
    }
}

/// As many as MARS has.
const MOST: usize = 32;

/// Open files by number.
#[derive(Default)]
pub struct Files(BTreeMap<i32, File>);

impl Files {
    /// Opens a file: flags are 0 to read, 1 to write from the start, 9 to append. The mode is ignored, as MARS does.
    pub fn open(&mut self, name: &[u8], flags: i32) -> Result<i64, FileError> {
        let mut options = OpenOptions::new();
        match flags {
            0 => options.read(true),
            1 => options.write(true).create(true).truncate(true),
            9 => options.append(true).create(true),
            _ => return Err(FileError),
        };
        let number = (3..MOST as i32).find(|number| !self.0.contains_key(number));
        let number = number.ok_or(FileError)?;
        let name = String::from_utf8(name.to_vec()).map_err(|_| FileError)?;
        self.0.insert(number, options.open(PathBuf::from(name))?);
        Ok(i64::from(number))
    }

    /// Reads at most so many bytes.
    pub fn read(
        &mut self,
        number: i32,
        most: usize,
        console: &mut Console,
    ) -> Result<Vec<u8>, FileError> {
        if number == 0 {
            return Ok(console.available(most));
        }
        let file = self.0.get_mut(&number).ok_or(FileError)?;
        let mut bytes = Vec::new();
        file.take(most as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Writes all bytes; how many.
    pub fn write(
        &mut self,
        number: i32,
        bytes: &[u8],
        console: &mut Console,
    ) -> Result<i64, FileError> {
        match number {
            1 => console.print(bytes),
            2 => {
                console.flush();
                std::io::stderr().write_all(bytes)?;
            }
            _ => self.0.get_mut(&number).ok_or(FileError)?.write_all(bytes)?,
        }
        Ok(bytes.len() as i64)
    }

    /// Moves within a file: from its start (0), from here (1), from its end (2). Where to.
    pub fn seek(&mut self, number: i32, offset: i32, base: i32) -> Result<i64, FileError> {
        let file = self.0.get_mut(&number).ok_or(FileError)?;
        let place = match base {
            0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| FileError)?),
            1 => SeekFrom::Current(offset.into()),
            2 => SeekFrom::End(offset.into()),
            _ => return Err(FileError),
        };
        Ok(file.seek(place)? as i64)
    }

    /// Closes a file; one that is not open stays so.
    pub fn close(&mut self, number: i32) {
        self.0.remove(&number);
    }
}
