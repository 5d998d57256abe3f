import NotificationDomain
import PaymentModel
import Testing

/// NOT-10, GEN-5: what the front desk reads of a message.
@Suite struct `The words of a message` {
    /// Every note our steps and gateways leave, with what it means for the desk.
    private static let notes: [(reason: String, state: Message.State, plight: MessagePlight?)] = [
        ("held until it may be sent", .ready, .held), ("its campaign is paused", .ready, .paused),
        ("its campaign was stopped", .calledOff, .stopped),
        ("the recipient has not agreed to marketing", .calledOff, .noConsent),
        ("the recipient wants no marketing any more", .calledOff, .withdrawn),
        ("it would have come too late", .calledOff, .tooLate), ("no longer wanted", .calledOff, .unwanted),
        ("the schedule has changed", .calledOff, .unwanted), ("the client was erased", .calledOff, .erased),
        ("the client has no address for it", .calledOff, .noAddress),
        ("nobody knows its recipient", .calledOff, .unknownRecipient),
        ("its recipient could not be asked for", .requested, .notAsked),
        ("the organisation has no parts of SMS left", .calledOff, .noPartsLeft),
        ("the code is not good any more", .calledOff, .codeOver),
        ("its document could not be fetched: 503", .ready, .documentMissing),
        ("the money was received more than a week before", .calledOff, .moneyOld),
        ("dunning of the client is paused", .calledOff, .dunningPaused),
        ("its pay link could not be asked for: HTTPClientError", .ready, .linkMissing),
        ("another mail with its invoice is being sent", .ready, .besideAnother),
        ("held by the gateway", .uncertain, .moderated), ("settled by a person: arrived", .delivered, .settled),
        ("the gateway answered 403", .ready, .account), ("the gateway's status is -3", .ready, .account),
        ("the gateway answered 404", .ready, .account),
        ("the gateway answered 503", .ready, .busy), ("the mail server was not reached", .ready, .busy),
        ("the gateway answered 400", .failed, .refused), ("the gateway's code is 21211", .failed, .refused),
        ("the mail server answered 550", .failed, .refused), ("receipt 2", .failed, .unreachable),
        ("restored from a backup", .uncertain, .restored),
        ("receipt 3", .delivered, nil), ("the worker that called is gone", .uncertain, nil),
    ]

    @Test(
        arguments: notes.map { $0.reason } + [
            "the gateway answered 200 without a readable body", "its attachments are larger than 10000000 bytes",
        ])
    func `are notes that read the same in English, and name what they name in French too`(note: String) {
        let sentence = Sentence.note(note)
        #expect(sentence.description == note)
        let book = Phrasebook(french: [
            "settled by a person: {}": "réglé : {}", "arrived": "arrivé", "the gateway's status is {}": "état {}",
            "the gateway answered {}": "réponse {}",
            "the gateway answered {} without a readable body": "réponse {} illisible", "receipt {}": "accusé {}",
            "its attachments are larger than {} bytes": "dépassent {} octets",
        ])
        let said = [
            "settled by a person: arrived": "réglé : arrivé", "the gateway's status is -3": "état -3",
            "the gateway answered 403": "réponse 403", "receipt 2": "accusé 2",
            "the gateway answered 200 without a readable body": "réponse 200 illisible",
            "its attachments are larger than 10000000 bytes": "dépassent 10000000 octets",
        ]
        if let french = said[note] { #expect(book.text(of: sentence, in: .french) == french) }
    }

    @Test(arguments: notes)
    func `NOT-10: say what a gateway's word means for whoever stands before the client`(
        reason: String, state: Message.State, plight: MessagePlight?
    ) {
        #expect(MessagePlight(reason, state) == plight)
        let words = MessageWords(state, reason: reason)
        #expect(!words.fr.contains(reason) && !words.en.contains(reason), "a machine's words reach the desk")
    }

    @Test func `GEN-5: are there in French and English for every state and plight, and name no number`() {
        let all = Message.State.allCases.map { MessageWords($0, reason: nil) } + MessagePlight.allCases.map(\.words)
        for words in all {
            #expect(words.fr.hasSuffix(".") && words.en.hasSuffix(".") && words.fr != words.en)
            let hasNumber = (words.fr + words.en).contains { $0.isNumber }
            #expect(!hasNumber)
        }
        #expect(Set(all.map(\.fr)).count == all.count && Set(all.map(\.en)).count == all.count)
    }

    @Test func `NOT-10: an uncertain one says to ask the client first`() {
        let words = MessageWords(.uncertain, reason: "the gateway answered 502")
        #expect(words.fr.contains("demandez au client") && words.en.contains("ask the client"))
    }
}
