//go:build race

package main

// raceDetector tells that everything takes many times longer, the portal's database above all.
const raceDetector = true
