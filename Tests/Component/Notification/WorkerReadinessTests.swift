import NotificationService
import Testing

/// NOT-11: when a worker is to be counted on.
@Suite struct `The readiness of a worker` {
    @Test(arguments: [Duration.milliseconds(100), .seconds(2), .seconds(10), .seconds(45), .seconds(60)])
    func `NOT-11: outlasts an idle worker's next look, and one that is missed`(lookEvery: Duration) {
        let silenceMax = WorkerReadiness.silenceMax(lookingEvery: lookEvery)
        #expect(silenceMax > lookEvery * 2 && silenceMax >= .seconds(30))
    }
}
