// Go's runtime and what it asks of the kernel: goroutines on threads, preemption by signals, faults turned into panics,
// garbage collection meanwhile, the network poller, children. Prints the same on every architecture.
package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"text/template"
	"time"
)

func goroutines() {
	var wait sync.WaitGroup
	var mutex sync.Mutex
	var rw sync.RWMutex
	var once sync.Once
	var total, atomics, onces int64
	shared := map[int]int{}
	for i := 0; i < 1000; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			for j := 0; j < 20; j++ {
				mutex.Lock()
				total += int64(i)
				mutex.Unlock()
				atomic.AddInt64(&atomics, 1)
			}
			rw.Lock()
			shared[i%10]++
			rw.Unlock()
			rw.RLock()
			_ = shared[3]
			rw.RUnlock()
			once.Do(func() { onces++ })
			runtime.Gosched()
		}(i)
	}
	wait.Wait()
	fmt.Println("goroutines", total, atomics, onces, shared)

	jobs, results := make(chan int), make(chan int, 10)
	for w := 0; w < 8; w++ {
		go func() {
			for n := range jobs {
				results <- n * n
			}
		}()
	}
	go func() {
		for i := 0; i < 500; i++ {
			jobs <- i
		}
		close(jobs)
	}()
	sum := 0
	for i := 0; i < 500; i++ {
		sum += <-results
	}
	fmt.Println("channels", sum)

	ping, pong := make(chan int), make(chan int)
	go func() {
		for n := range ping {
			pong <- n + 1
		}
		close(pong)
	}()
	n := 0
	for i := 0; i < 1000; i++ {
		ping <- n
		n = <-pong
	}
	close(ping)
	_, open := <-pong
	fmt.Println("ping", n, open)

	timeout := time.After(20 * time.Millisecond)
	never := make(chan bool)
	select {
	case <-never:
		fmt.Println("never")
	case <-timeout:
		fmt.Println("timeout")
	}
	select {
	case never <- true:
	default:
		fmt.Println("default")
	}
	condition := sync.NewCond(&mutex)
	turn, order := 0, []int{}
	for i := 0; i < 4; i++ {
		wait.Add(1)
		go func(me int) {
			defer wait.Done()
			for k := 0; k < 5; k++ {
				mutex.Lock()
				for turn%4 != me {
					condition.Wait()
				}
				order = append(order, me)
				turn++
				condition.Broadcast()
				mutex.Unlock()
			}
		}(i)
	}
	wait.Wait()
	fmt.Println("turns", order)
	limited, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	<-limited.Done()
	fmt.Println("context", limited.Err())
}

type node struct {
	left, right *node
	value       int
}

func (n *node) sum() int {
	if n == nil {
		return 0
	}
	return n.value + n.left.sum() + n.right.sum()
}

func tree(depth int) *node {
	if depth == 0 {
		return nil
	}
	return &node{tree(depth - 1), tree(depth - 1), depth}
}

func try(what string, body func()) {
	defer func() {
		err, isError := recover().(error)
		var run runtime.Error
		fmt.Println(what, "|", err, "|", isError && errors.As(err, &run))
	}()
	body()
	fmt.Println(what, "did not panic")
}

func panics() {
	var pointer *node
	var list []int
	var table map[string]int
	var any interface{} = "text"
	zero, big := 0, 1<<30
	try("nil", func() { fmt.Println(pointer.value) })
	try("nil write", func() { pointer.value = 1 })
	try("divide", func() { fmt.Println(1 / zero) })
	try("index", func() { fmt.Println(list[5]) })
	try("slice", func() { fmt.Println(list[zero:big]) })
	try("map", func() { table["x"] = 1 })
	try("conversion", func() { fmt.Println(any.(int)) })
	try("closed", func() { c := make(chan int); close(c); close(c) })
	try("make", func() { list = make([]int, -1-zero) })
	old := debug.SetPanicOnFault(true)
	memory, _ := syscall.Mmap(-1, 0, 4096, syscall.PROT_READ, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	try("fault", func() {
		defer func() {
			if err, ok := recover().(interface{ Addr() uintptr }); ok {
				panic(fmt.Errorf("fault at the right address: %v", err.Addr() == reflect.ValueOf(memory).Pointer()))
			}
		}()
		memory[0] = 1
	})
	debug.SetPanicOnFault(old)
	var wait sync.WaitGroup
	var caught int64
	for i := 0; i < 50; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			defer func() {
				if recover() != nil {
					atomic.AddInt64(&caught, 1)
				}
			}()
			fmt.Println(pointer.left.right)
		}()
	}
	wait.Wait()
	fmt.Println("caught", caught)
}

func collecting() {
	var stop int32
	var wait sync.WaitGroup
	sums := make([]int, 4)
	for g := range sums {
		wait.Add(1)
		go func(g int) {
			defer wait.Done()
			for k := 0; k < 10; k++ {
				sums[g] += tree(10).sum()
				_ = make([]byte, 100000)
			}
		}(g)
	}
	go func() {
		for atomic.LoadInt32(&stop) == 0 {
			runtime.GC()
		}
	}()
	wait.Wait()
	atomic.StoreInt32(&stop, 1)
	for i := 0; i < 3; i++ {
		runtime.GC()
	}
	var statistics runtime.MemStats
	runtime.ReadMemStats(&statistics)
	finalized := make(chan bool)
	func() { runtime.SetFinalizer(tree(3), func(*node) { finalized <- true }) }()
	for done := false; !done; {
		runtime.GC()
		select {
		case done = <-finalized:
		case <-time.After(time.Millisecond):
		}
	}
	debug.FreeOSMemory()
	fmt.Println("collected", sums, statistics.NumGC > 2, statistics.HeapAlloc < 100<<20)
}

func preemption() {
	procs := runtime.GOMAXPROCS(1)
	var done int32
	go func() { atomic.StoreInt32(&done, 1) }()
	spins := 0
	for atomic.LoadInt32(&done) == 0 {
		for i := 0; i < 1000; i++ {
			spins += i & 1
		}
	}
	// A loop without calls: only a signal gets the other one running.
	var flag bool
	started := time.Now()
	ticker := time.NewTicker(5 * time.Millisecond)
	ticks := make(chan int)
	go func() {
		count := 0
		for range ticker.C {
			if count++; count == 5 {
				break
			}
		}
		ticker.Stop()
		atomic.StoreInt32(&done, 2)
		ticks <- count
	}()
	for !flag {
		flag = atomic.LoadInt32(&done) == 2
	}
	fmt.Println("preempted", <-ticks, time.Since(started) >= 25*time.Millisecond)
	runtime.GOMAXPROCS(procs)
	stack := make(chan int)
	go func() {
		var deep func(int) int
		deep = func(n int) int {
			var pad [128]byte
			if n == 0 {
				return len(pad)
			}
			return deep(n-1) + int(pad[n%128])
		}
		stack <- deep(20000)
	}()
	fmt.Println("deep", <-stack)
	runtime.LockOSThread()
	fmt.Println("locked", syscall.Gettid() == syscall.Gettid())
	runtime.UnlockOSThread()
}

func network() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() {
		for {
			peer, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer peer.Close()
				io.Copy(peer, peer)
			}()
		}
	}()
	var wait sync.WaitGroup
	var right int64
	for c := 0; c < 20; c++ {
		wait.Add(1)
		go func(c int) {
			defer wait.Done()
			peer, err := net.Dial("tcp", listener.Addr().String())
			check(err)
			data := bytes.Repeat([]byte{byte(c)}, 20000+c)
			go func() { peer.Write(data); peer.(*net.TCPConn).CloseWrite() }()
			got, err := io.ReadAll(peer)
			check(err)
			if bytes.Equal(got, data) {
				atomic.AddInt64(&right, 1)
			}
			peer.Close()
		}(c)
	}
	wait.Wait()
	fmt.Println("tcp", right)
	peer, err := net.Dial("tcp", listener.Addr().String())
	check(err)
	peer.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	_, err = peer.Read(make([]byte, 1))
	fmt.Println("deadline", errors.Is(err, os.ErrDeadlineExceeded))
	listener.Close()
	_, err = net.Dial("tcp", "127.0.0.1:1")
	fmt.Println("refused", errors.Is(err, syscall.ECONNREFUSED))
	one, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(err)
	two, err := net.Dial("udp", one.LocalAddr().String())
	check(err)
	two.Write([]byte("datagram"))
	buffer := make([]byte, 100)
	n, _, err := one.ReadFrom(buffer)
	fmt.Println("udp", string(buffer[:n]), err)
	directory, err := os.MkdirTemp("", "go")
	check(err)
	defer os.RemoveAll(directory)
	local, err := net.Listen("unix", filepath.Join(directory, "socket"))
	check(err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "path ", r.URL.Path) })}
	go server.Serve(local)
	client := http.Client{Transport: &http.Transport{DialContext: func(c context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(c, "unix", local.Addr().String())
	}}}
	answer, err := client.Get("http://local/here")
	check(err)
	body, _ := io.ReadAll(answer.Body)
	fmt.Println("http", answer.StatusCode, string(body))
	server.Shutdown(context.Background())
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func children() {
	self, err := os.Executable()
	check(err)
	command := exec.Command(self, "child", "an argument")
	command.Stdin = strings.NewReader("nalotrop")
	command.Env = append(os.Environ(), "VARIABLE=value")
	var errors bytes.Buffer
	command.Stderr = &errors
	out, err := command.Output()
	fmt.Printf("child %q %q %v\n", out, errors.String(), err)
	var wait sync.WaitGroup
	outputs := make([]string, 6)
	for i := range outputs {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			out, _ := exec.Command("/bin/sh", "-c", fmt.Sprintf("echo %d; exit %d", i, i)).CombinedOutput()
			outputs[i] = strings.TrimSpace(string(out))
		}(i)
	}
	wait.Wait()
	fmt.Println("shells", outputs)
	_, err = exec.LookPath("no-such-program")
	fmt.Println(err, exec.Command("/nowhere").Run())
	limited, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	fmt.Println("killed", exec.CommandContext(limited, self, "sleep").Run())
	pipe := exec.Command(self, "lines")
	reader, err := pipe.StdoutPipe()
	check(err)
	check(pipe.Start())
	lines := 0
	for scanner := bufio.NewScanner(reader); scanner.Scan(); {
		lines++
	}
	fmt.Println("lines", lines, pipe.Wait())
}

func signals() {
	caught := make(chan os.Signal, 10)
	signal.Notify(caught, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM)
	for _, number := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGTERM} {
		syscall.Kill(os.Getpid(), number)
		fmt.Println("caught", <-caught)
	}
	signal.Reset(syscall.SIGUSR1)
	signal.Ignore(syscall.SIGUSR2)
	syscall.Kill(os.Getpid(), syscall.SIGUSR2)
	done, stop := signal.NotifyContext(context.Background(), syscall.SIGINT)
	defer stop()
	syscall.Kill(os.Getpid(), syscall.SIGINT)
	<-done.Done()
	fmt.Println("interrupted", done.Err())
}

type Port struct {
	Name  string           `json:"name" chart:"yes"`
	Depth float64          `json:"depth"`
	Tags  map[string][]int `json:"tags,omitempty"`
	inner int
}

func (p Port) Describe(prefix string) string { return prefix + p.Name }

func library() {
	port := Port{"Genoa", 12.5, map[string][]int{"b": {1, 2}, "a": nil}, 1}
	text, _ := json.Marshal(port)
	var again Port
	check(json.Unmarshal(text, &again))
	kind := reflect.TypeOf(port)
	fmt.Println(string(text), again.Tags, kind.NumField(), kind.Field(0).Tag.Get("chart"), kind.Method(0).Name)
	fmt.Println(reflect.ValueOf(port).MethodByName("Describe").Call([]reflect.Value{reflect.ValueOf("port ")})[0], reflect.DeepEqual(port.Tags["b"], []int{1, 2}))
	swap := reflect.MakeFunc(reflect.TypeOf(func(int, string) (string, int) { return "", 0 }), func(in []reflect.Value) []reflect.Value { return []reflect.Value{in[1], in[0]} })
	a, b := swap.Interface().(func(int, string) (string, int))(7, "seven")
	fmt.Println(a, b, regexp.MustCompile(`(\w+)@(\w+)`).ReplaceAllString("user@host", "$2 $1"))
	words := strings.Fields("the quick brown fox jumps over the lazy dog")
	sort.Strings(words)
	counts := map[rune]int{}
	for _, r := range "mississippi wörter" {
		counts[r]++
	}
	fmt.Println(words, len(counts), counts['s'], counts['ö'])
	fmt.Printf("%x %v %.4f %v\n", sha256.Sum256([]byte("portolan")), new(big.Int).Exp(big.NewInt(3), big.NewInt(100), nil), math.Sin(1)+math.Cbrt(2), math.Inf(-1))
	check(template.Must(template.New("t").Parse("{{range $i, $w := .}}{{if $i}},{{end}}{{$w | printf \"%q\"}}{{end}}\n")).Execute(os.Stdout, words[:3]))
	fmt.Println(time.Unix(1e9, 0).UTC().Format(time.RFC3339), time.Duration(1234567890), generic([]int{3, 1, 2}, func(a, b int) bool { return a < b }))
	var f32 float32 = 1e10
	fmt.Println(int32(math.MinInt32)/int32(words[0][0]-words[0][0]+255), uint64(math.MaxUint64)%1e9, f32*f32, math.Float64bits(0.1), math.FMA(1.5, 2, 3), 7%-3, -7>>1)
	directory, err := os.MkdirTemp("", "go")
	check(err)
	defer os.RemoveAll(directory)
	check(os.WriteFile(filepath.Join(directory, "file"), text, 0o640))
	check(os.Symlink("file", filepath.Join(directory, "link")))
	filepath.WalkDir(directory, func(path string, entry os.DirEntry, err error) error {
		information, err := entry.Info()
		check(err)
		if path != directory {
			fmt.Println(entry.Name(), information.Mode(), entry.Type().IsRegular())
		}
		return nil
	})
	_, err = os.Open(filepath.Join(directory, "missing"))
	fmt.Println(errors.Is(err, os.ErrNotExist), os.Getpid() > 0, runtime.NumCPU() > 0)
}

func generic[T any](list []T, less func(a, b T) bool) []T {
	sort.Slice(list, func(i, j int) bool { return less(list[i], list[j]) })
	return list
}

func main() {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "child":
			input, _ := io.ReadAll(os.Stdin)
			fmt.Println(len(input), os.Args[2], os.Getenv("VARIABLE"))
			fmt.Fprintln(os.Stderr, "to standard error")
			os.Exit(3)
		case "sleep":
			time.Sleep(time.Minute)
		case "lines":
			for i := 0; i < 1000; i++ {
				fmt.Println(i)
			}
		case "panic":
			var wait sync.WaitGroup
			wait.Add(1)
			go func() { panic("in a goroutine") }()
			wait.Wait()
		case "deadlock":
			<-make(chan int)
		}
		return
	}
	goroutines()
	panics()
	collecting()
	preemption()
	network()
	children()
	signals()
	library()
	self, _ := os.Executable()
	for _, how := range []string{"panic", "deadlock"} {
		var told bytes.Buffer
		command := exec.Command(self, how)
		command.Stderr = &told
		fmt.Println(command.Run(), strings.SplitN(told.String(), "\n", 2)[0])
	}
	os.Exit(4)
}
