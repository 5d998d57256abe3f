import Logging
import Observability
import PostgresClient
import TransactionalMessaging

/// Lets go of what a worker took for a gateway that is left alone and has not begun (NOT-10).
///
/// It is anybody's again at once: whoever looks next gives it to another gateway, or has it wait until this one works.
struct HandsOff: Sendable {
    let database: Database
    let hands: [WorkerHands]
    let logger: Logger
    let queues = MessageQueues()

    /// Has this worker look again.
    func ring() {
        for one in hands { one.ring() }
    }

    func run(_ gateway: String) {
        let dropped = hands.flatMap { $0.drop(gateway) }
        guard !dropped.isEmpty else { return }
        Task {
            do {
                try await database.maintain(organisation: nil) { transaction in
                    transaction.commitAheadOfDisk()
                    queues.putBack(dropped, &transaction)
                }
                ring()
            } catch {
                // Others take them when their time in this worker's hands is over.
                logger.warning("messages could not be given back", metadata: [LogField.reason: "\(error)"])
            }
        }
    }
}
