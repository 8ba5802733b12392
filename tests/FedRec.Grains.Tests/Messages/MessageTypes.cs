namespace FedRec.Grains.Tests.Messages;

/// <summary>The types that may be part of a message of a run. Whoever adds one has looked at what it can carry.</summary>
internal static class MessageTypes
{
    // Where numbers of clients are listed, which are not numbers of items.
    private static readonly string[] s_clientLists = [".Clients", ".Failed", ".Rejected", ".Missing"];

    /// <summary>Names of the types, without namespace.</summary>
    public static IReadOnlySet<string> Allowed { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        // Plain values: keys and names, numbers, waits.
        "String", "Int32", "Int64", "Boolean", "TimeSpan", "Guid", "SiloAddress",

        // Federations and runs: settings, counters, progress.
        "RunRequest", "RoundSettings", "ServerOptimizerSettings", "PersonalizationSettings", "WarmStartSource", "DataSpec", "RunSource", "RunReceipt", "RunOutcome",
        "RunStatus", "RunPhase", "RunStopReason", "RunEvents", "RunEvent", "FederationSummary", "HostedFederation", "HostedData",

        // Who takes part: keyed hashes and size classes. What is learned: the public catalogue.
        "RegistryPartition", "ClientLabel", "ClientSize", "Byte", "CatalogueItem", "CataloguePointer", "CatalogueLog",

        // What parties say of their data: powers of two and bands.
        "DataSummary", "DataReportAnswer", "PartyData", "PercentBand",

        // Rounds: the plan, and sums of updates with the clients in them.
        "RoundOrder", "CatalogueVersion", "RoundResult", "RoundRecord", "PartialSum", "SumBlock", "UpdateReceipt", "UpdateFault", "UpdateFaultKind",

        // Secure aggregation: keys, shares that are sealed or of secrets of one round, and signatures. What updates are is masked, and in no such message.
        "SecureStep", "SecureMessage", "SecureAnswers", "SecureCall", "PartySecureStep",

        // Clients: what to do, and whether they do it.
        "TrainOrder", "TrainReceipt", "EvaluateOrder", "ClientBatch", "ModelReference",

        // Parties with a process of their own: who they are, what they are asked, and what became of sums that they sent. What they fetch is public, or what they train from.
        "PartyInvitation", "PartyTerms", "PartyTicket", "PartyRecord", "PartyStanding", "PartyJoin", "PartyJoinOutcome", "PartyCredential", "PartyToken", "PartyAdmission", "PartyReport", "PartyOrder",
        "PartyUpdateId", "PartyEvaluation", "PartyUploadAnswer", "PartySubmission", "PartyUpdateFault", "PartyReceipt", "PartyOutcome", "SignedUpdate", "PartySignatures", "PartyRotation", "PartyRotationOutcome",
        "PartyMove", "PartyRun", "PartyRefusal", "PartyRejection", "PartyRejectionReason", "ContentSlice",

        // Privacy: what was asked for, and how much of it is spent; a release by a name that follows from a secret key.
        "PrivacySettings", "PrivacyCharge", "PrivacyReceipt", "PrivacyLedger", "PrivacyBudget", "PrivacyAccount", "PrivacyStatement", "PrivacyCharges", "PrivacyBeginning",

        // Evaluations: means over users, and a silo's sums of metrics.
        "EvaluationRecord", "EvaluationGroup", "ComparedWith", "ComparisonRecord", "MetricDifference", "Immutable`1",

        // Parameters and the versions of the model.
        "ParameterSlice", "ParameterRequest", "ParameterChange", "ModelCommit", "CommitReceipt", "CommitOutcome", "ModelManifest", "TensorShape", "ModelMeasurement", "PromotionPolicy", "PromotionDecision",
        "ModelSummary", "ModelVersionLine",

        // Lists of keys and names; what is inside is checked by itself.
        "ImmutableArray`1", "ImmutableSortedDictionary`2", "KeyValuePair`2",
        "ReadOnlyMemory`1", "Byte[]", "Double", "UInt64", "DateTimeOffset",
    };

    /// <summary>The types in a message that nobody has looked at.</summary>
    public static IEnumerable<string> UnknownIn(object message) =>
        MessageGraph.Nodes(message).Where(node => node.Value is not null).Select(node => node.Value!.GetType().Name).Where(name => !Allowed.Contains(name));

    /// <summary>Tells whether a path in a message leads to a list of clients.</summary>
    public static bool ListsClients(string path) => s_clientLists.Any(list => path.EndsWith(list, StringComparison.Ordinal));
}
