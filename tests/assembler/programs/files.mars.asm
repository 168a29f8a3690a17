.data
fout:   .asciiz "testout.txt"      # filename for output
buffer: .asciiz "The quick brown fox jumps over the lazy dog."
back:   .space 100
.text
  li   $v0, 13       # system call for open file
  la   $a0, fout     # output file name
  li   $a1, 1        # Open for writing (flags are 0: read, 1: write)
  li   $a2, 0        # mode is ignored
  syscall            # open a file (file descriptor returned in $v0)
  move $s6, $v0      # save the file descriptor
  li   $v0, 15       # system call for write to file
  move $a0, $s6      # file descriptor
  la   $a1, buffer   # address of buffer from which to write
  li   $a2, 44       # hardcoded buffer length
  syscall            # write to file
  li   $v0, 16       # system call for close file
  move $a0, $s6      # file descriptor to close
  syscall            # close file
  li   $v0, 13
  la   $a0, fout
  li   $a1, 0
  syscall
  move $a0, $v0
  li   $v0, 14
  la   $a1, back
  li   $a2, 9
  syscall
  move $a0, $v0
  li   $v0, 1
  syscall
  la   $a0, back
  li   $v0, 4
  syscall
