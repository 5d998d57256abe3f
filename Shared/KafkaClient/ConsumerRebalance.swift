import CKafka
import Logging

/// Rebalances: partitions come after `onAssigned`, and leave after the work in hand is done with and `onRevoked`.
///
/// Everything here runs inside the library's callback, on the consumer's thread; the group waits for it.
extension ConsumerWorker {
    /// The library says which partitions come or go and leaves the rest to us.
    func rebalance(_ response: rd_kafka_resp_err_t, _ partitions: [TopicPartition]) {
        switch response {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS: assign(partitions)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS where client.assignmentIsLost: lose(partitions)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS: revoke(partitions)
        default:
            logger.error("kafka rebalance failed", metadata: ["reason": "\(KafkaError(response))"])
            lose(Array(assigned))
        }
    }

    private func assign(_ partitions: [TopicPartition]) {
        logger.info("kafka partitions assigned", metadata: ["partitions": "\(partitions)"])
        hold(until: handlers.onAssigned, partitions)
        assigned.formUnion(partitions)
        client.assign(partitions)
    }

    private func revoke(_ partitions: [TopicPartition]) {
        logger.info("kafka partitions being revoked", metadata: ["partitions": "\(partitions)"])
        hold(until: handlers.onRevoked, partitions)
        settleCommits(of: partitions)
        release(partitions)
    }

    private func lose(_ partitions: [TopicPartition]) {
        logger.warning("kafka partitions lost", metadata: ["partitions": "\(partitions)"])
        // They may be another's already, so nothing is waited for but the handler.
        hand.forget(Set(partitions))
        commits.forget(partitions)
        assigned.subtract(partitions)
        hold(until: handlers.onLost, partitions)
        release(partitions)
    }

    /// Sends once more what was refused during the rebalance, so that the next owner starts where we stopped.
    private func settleCommits(of partitions: [TopicPartition]) {
        let deadline = ContinuousClock.now.advanced(by: Self.leaveWaitMax)
        while commits.owes(partitions), ContinuousClock.now < deadline {
            retryCommits()
            mailbox.wakeup.wait(atMost: .milliseconds(50))
            serveCommands()
            client.serveReplies()
        }
    }

    private func release(_ partitions: [TopicPartition]) {
        hand.forget(Set(partitions))
        commits.forget(partitions)
        assigned.subtract(partitions)
        client.unassign(partitions)
    }

    /// Keeps the partitions until the handler returned and nothing of them is in hand, within the limit.
    ///
    /// Commands are served meanwhile: the handler's commit must get through.
    func hold(until handler: @escaping KafkaConsumer.PartitionsChanged, _ partitions: [TopicPartition]) {
        let deadline = ContinuousClock.now.advanced(by: revokeWaitMax)
        let mailbox = mailbox
        let run = mailbox.newID()
        awaitedHandler = run
        Task.detached {
            await handler(partitions)
            mailbox.post(.handlerReturned(run))
        }
        while awaitedHandler == run || hand.holds(partitions) {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                logger.warning(
                    "kafka partitions left with work in hand", metadata: ["partitions": "\(partitions)"])
                return
            }
            mailbox.wakeup.wait(atMost: min(Self.idleWait, left))
            serveCommands()
            client.serveReplies()
        }
    }
}
