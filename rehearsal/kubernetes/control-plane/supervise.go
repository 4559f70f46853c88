package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// process is one line that the supervisor reads: what to start, or what to stop.
type process struct {
	Name string `json:"name"`
	Stop bool   `json:"stop"`
	// Program is a path; empty for this binary itself.
	Program string   `json:"program"`
	Args    []string `json:"args"`
	// Log is the file that gets everything the process prints.
	Log string `json:"log"`
}

// event is one line that the supervisor writes: what became of a process.
type event struct {
	Name   string `json:"name"`
	Pid    int    `json:"pid,omitempty"`
	Exited string `json:"exited,omitempty"`
}

// supervise starts or stops a process for each line of its input. When the input ends, because the one who asked is done or is
// gone, and when any process ends, it ends all of them and removes their folder: nothing outlives it.
func supervise(folder string) {
	// The kernel ends children with the thread that started them.
	runtime.LockOSThread()
	// A Ctrl-C of the terminal is for the one who asked, who may still want to talk to the API.
	signal.Ignore(syscall.SIGINT)
	terminate := make(chan os.Signal, 1)
	signal.Notify(terminate, syscall.SIGTERM, syscall.SIGHUP)

	starts := make(chan process)
	go readProcesses(starts)
	exits := make(chan event)
	running := map[string]*exec.Cmd{}
	output := json.NewEncoder(os.Stdout)
	code := 0
	for open := true; open; {
		select {
		case wanted, more := <-starts:
			if !more {
				open = false
				break
			}
			if wanted.Stop {
				if command, found := running[wanted.Name]; found {
					delete(running, wanted.Name)
					command.Process.Kill()
				}
				break
			}
			command, err := start(wanted, folder)
			if err != nil {
				output.Encode(event{Name: wanted.Name, Exited: err.Error()})
				open, code = false, 1
				break
			}
			running[wanted.Name] = command
			output.Encode(event{Name: wanted.Name, Pid: command.Process.Pid})
			go func() { exits <- event{Name: wanted.Name, Pid: command.Process.Pid, Exited: reason(command.Wait())} }()
		case ended := <-exits:
			output.Encode(ended)
			// What was stopped is not in the list any more.
			if command, found := running[ended.Name]; found && command.Process.Pid == ended.Pid {
				delete(running, ended.Name)
				open, code = false, 1
			}
		case <-terminate:
			open = false
		}
	}
	for _, command := range running {
		command.Process.Kill()
	}
	// Gone means gone: whoever waits for this process may look for the others.
	for range running {
		<-exits
	}
	if err := os.RemoveAll(folder); err != nil {
		fail(err)
	}
	os.Exit(code)
}

func readProcesses(starts chan<- process) {
	defer close(starts)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var wanted process
		if err := json.Unmarshal(lines.Bytes(), &wanted); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return
		}
		starts <- wanted
	}
}

func start(wanted process, folder string) (*exec.Cmd, error) {
	program := wanted.Program
	args := wanted.Args
	if program == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, err
		}
		program = self
		args = append([]string{wanted.Name}, args...)
	}
	if err := os.MkdirAll(filepath.Dir(wanted.Log), 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(wanted.Log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(program, args...)
	command.Dir = folder
	command.Env = withoutProxies(os.Environ())
	command.Stdout, command.Stderr = log, log
	command.SysProcAttr = endsWithParent()
	return command, command.Start()
}

func reason(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}
