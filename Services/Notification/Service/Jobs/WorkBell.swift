import PostgresClient
import TransactionalMessaging

/// Wakes the jobs that write messages and campaigns as soon as there is something to write, in whichever process leads.
///
/// A ring that is lost costs a moment: the jobs look by themselves too, though seldom while there is nothing to do.
final class WorkBell: Sendable {
    /// What there is to do.
    enum Work: String, CaseIterable {
        case messages, campaigns
    }

    private let database: Database
    private let bell = CommitBell("quittance_notification_work")
    /// Rung in this process.
    let messages = Doorbell()
    let campaigns = Doorbell()

    init(_ database: Database) {
        self.database = database
    }

    func ring(_ work: Work, after change: inout Change) {
        bell.ring(for: work.rawValue, from: database, after: &change)
    }

    /// Hears the rings of all processes until the task is cancelled.
    func listen() async {
        for await ring in database.pool.notifications(bell.channel) {
            // An empty one says that some may have been missed.
            let works = Work(rawValue: ring).map { [$0] } ?? Work.allCases
            for work in works { doorbell(of: work).ring() }
        }
    }

    private func doorbell(of work: Work) -> Doorbell {
        switch work {
        case .messages: messages
        case .campaigns: campaigns
        }
    }
}
