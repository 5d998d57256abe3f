/// Where a message is, in sentences for those who have the client before them (NOT-10, GEN-5).
///
/// What gateways and our own steps note as a reason is for whoever runs the system; here it becomes what to do.
package struct MessageWords: Codable, Hashable, Sendable {
    package let fr: String
    package let en: String

    package init(fr: String, en: String) {
        self.fr = fr
        self.en = en
    }

    /// `reason` is the note kept with the state, if there is one.
    package init(_ state: Message.State, reason: String?) {
        let (place, more) = (MessageWords(state), reason.flatMap { MessagePlight($0, state) }?.words)
        self.init(
            fr: [place.fr, more?.fr].compactMap(\.self).joined(separator: " "),
            en: [place.en, more?.en].compactMap(\.self).joined(separator: " "))
    }

    private init(_ state: Message.State) {
        switch state {
        case .requested: self.init(fr: "Le message est en préparation.", en: "The message is being written.")
        case .ready: self.init(fr: "Le message attend son envoi.", en: "The message waits to be sent.")
        case .claimed: self.init(fr: "Le message est en cours d'envoi.", en: "The message is being sent.")
        case .sent:
            self.init(
                fr: "Le message est parti ; son arrivée n'est pas encore confirmée.",
                en: "The message has left; its arrival is not confirmed yet.")
        case .delivered: self.init(fr: "Le message est arrivé.", en: "The message has arrived.")
        case .failed: self.init(fr: "Le client n'a pas reçu le message.", en: "The client did not get the message.")
        case .uncertain:
            self.init(
                fr: "On ne sait pas si le message est parti : demandez au client avant de l'envoyer de nouveau.",
                en: "Nobody knows whether the message has left: ask the client before it is sent again.")
        case .calledOff:
            self.init(fr: "Le message n'a pas été envoyé.", en: "The message was not sent.")
        }
    }
}

/// What keeps a message from going its way, as far as whoever reads it can do something about it.
package enum MessagePlight: Hashable, Sendable, CaseIterable {
    case held, paused, stopped, noConsent, withdrawn, tooLate, unwanted, erased, noAddress, unknownRecipient
    case noPartsLeft, codeOver, moneyOld, dunningPaused, documentMissing, linkMissing, besideAnother
    case moderated, account, busy, refused, unreachable, settled, notAsked, restored

    /// Nil when the note says nothing that the state does not.
    package init?(_ reason: String, _ state: Message.State) {
        guard let found = MessagePlight.notes.first(where: { reason.hasPrefix($0.note) })?.plight else {
            guard let found = MessagePlight(answered: reason, state) else { return nil }
            self = found
            return
        }
        self = found
    }

    /// The notes of our own steps, and those of gateways that mean one thing whatever the state.
    private static let notes: [(note: String, plight: MessagePlight)] = [
        ("held until it may be sent", .held), ("its campaign is paused", .paused),
        (CallOffReason.campaignStopped.note, .stopped), ("the recipient has not agreed", .noConsent),
        ("the recipient wants no marketing", .withdrawn),
        ("it would have come too late", .tooLate), (CallOffReason.unwanted.note, .unwanted),
        (CallOffReason.scheduleChanged.note, .unwanted), (CallOffReason.clientErased.note, .erased),
        ("the client has no address for it", .noAddress), ("nobody knows its recipient", .unknownRecipient),
        ("its recipient could not be asked for", .notAsked), ("the organisation has no parts", .noPartsLeft),
        ("the code is not good any more", .codeOver), ("its document could not be fetched", .documentMissing),
        (CallOffReason.moneyOld.note, .moneyOld), (CallOffReason.dunningPaused.note, .dunningPaused),
        ("its pay link could not be asked for", .linkMissing),
        ("another mail with its invoice is being sent", .besideAnother),
        ("held by the gateway", .moderated), ("settled by a person", .settled),
        // Of who restored it, by hand.
        ("restored from a backup", .restored),
        ("the mail server does not let us in", .account), ("the gateway's status is -1", .account),
        ("the gateway's status is -3", .account), ("the gateway answered 401", .account),
        ("the gateway answered 402", .account), ("the gateway answered 403", .account),
        ("no gateway for its channel", .account), ("the mail server was not reached", .busy),
        ("the gateway is not ready", .busy), ("the gateway did not tell its time", .busy),
    ]

    /// Any other word of a gateway: what it means depends on what became of the message.
    private init?(answered reason: String, _ state: Message.State) {
        switch state {
        case .failed: self = reason.hasPrefix("receipt ") ? .unreachable : .refused
        // No such account, or nobody at the address that is called.
        case .requested, .ready, .claimed: self = reason.hasPrefix("the gateway answered 404") ? .account : .busy
        case .sent, .delivered, .uncertain, .calledOff: return nil
        }
    }

    package var words: MessageWords {
        switch self {
        case .held:
            MessageWords(
                fr: "Il partira à l'heure où la loi ou la clinique l'autorise.",
                en: "It will leave when the law or the clinic allows it.")
        case .paused: MessageWords(fr: "Sa campagne est en pause.", en: "Its campaign is paused.")
        case .stopped: MessageWords(fr: "Sa campagne a été arrêtée.", en: "Its campaign was stopped.")
        case .noConsent:
            MessageWords(
                fr: "Le client n'a pas accepté la publicité.", en: "The client has not agreed to advertising.")
        case .withdrawn: MessageWords(fr: "Le client ne veut plus de publicité.", en: "The client wants no more ads.")
        case .tooLate: MessageWords(fr: "Il serait arrivé trop tard.", en: "It would have come too late.")
        case .unwanted: MessageWords(fr: "Il n'était plus utile.", en: "It was no longer needed.")
        case .erased: MessageWords(fr: "Le client a été effacé.", en: "The client was erased.")
        case .noAddress:
            MessageWords(
                fr: "La fiche du client n'a pas le numéro ou l'adresse qu'il faut : complétez-la.",
                en: "The client's card lacks the number or the address for it: complete it.")
        case .unknownRecipient: MessageWords(fr: "Son destinataire n'existe plus.", en: "Its recipient is gone.")
        case .notAsked: MessageWords(fr: "Un nouvel essai suit dans un instant.", en: "It is tried again in seconds.")
        case .noPartsLeft: MessageWords(fr: "Il ne reste plus de crédit SMS.", en: "There is no SMS credit left.")
        case .codeOver: MessageWords(fr: "Le code n'est plus valable.", en: "The code is not good any more.")
        case .moneyOld:
            MessageWords(
                fr: "L'argent a été reçu longtemps avant : remettez le reçu vous-même si le client le demande.",
                en: "The money was received long before: hand the receipt out yourself if the client asks for it.")
        case .dunningPaused:
            MessageWords(fr: "Les relances de ce client sont suspendues.", en: "Dunning of this client is paused.")
        case .linkMissing:
            MessageWords(fr: "Son lien de paiement n'est pas encore prêt.", en: "Its pay link is not at hand yet.")
        case .besideAnother:
            MessageWords(
                fr: "Un autre courriel avec la même facture est en cours d'envoi.",
                en: "Another mail with the same invoice is being sent.")
        case .documentMissing:
            MessageWords(fr: "Sa pièce jointe n'est pas encore disponible.", en: "Its document is not at hand yet.")
        case .moderated:
            MessageWords(fr: "L'opérateur vérifie son texte.", en: "The operator is looking at its text.")
        case .account:
            MessageWords(
                fr: "L'opérateur n'accepte pas notre compte (accès ou crédit) : prévenez l'administrateur.",
                en: "The operator does not accept our account (access or credit): tell the administrator.")
        case .busy:
            MessageWords(
                fr: "L'opérateur ne l'a pas encore pris : un nouvel essai suit.",
                en: "The operator has not taken it yet: it is tried again.")
        case .refused:
            MessageWords(
                fr: "L'opérateur l'a refusé : vérifiez le numéro ou l'adresse du client.",
                en: "The operator refused it: check the client's number or address.")
        case .unreachable:
            MessageWords(
                fr: "Le téléphone n'a pas pu être joint : vérifiez le numéro, ou appelez le client.",
                en: "The phone could not be reached: check the number, or call the client.")
        case .restored: MessageWords(fr: "Une sauvegarde a été rétablie.", en: "A backup was restored.")
        case .settled:
            MessageWords(fr: "Une personne l'a réglé après avoir demandé.", en: "A person settled it after asking.")
        }
    }
}
