using System.Collections.Immutable;

namespace FedRec.Contracts.Federations;

/// <summary>What a federation knows of its parties' data. Every number was rounded by the party before it was sent.</summary>
/// <param name="Run">Key of the run whose data is meant, <c>federation/run</c>.</param>
/// <param name="Together">All parties together.</param>
/// <param name="Parties">Parties that say something, in the order of their numbers.</param>
/// <param name="Withheld">Parties that say nothing, because they have too few users.</param>
/// <param name="MinimumCohort">Users below which a party says nothing.</param>
/// <param name="DriftOf">What drift compares, in words.</param>
[GenerateSerializer, Immutable, Alias("fedrec.data-report")]
public sealed record DataReportAnswer(
    [property: Id(0)] string Run,
    [property: Id(1)] PartyData? Together,
    [property: Id(2)] ImmutableArray<PartyData> Parties,
    [property: Id(3)] int Withheld,
    [property: Id(4)] int MinimumCohort,
    [property: Id(5)] string DriftOf);

/// <summary>One party's data, roughly; or that of all parties, where shares and ages but the last are those of the middle party.</summary>
/// <param name="Party">The party's name.</param>
/// <param name="Users">A power of two that is not above the number.</param>
/// <param name="Interactions">A power of two that is not above the number.</param>
/// <param name="Density">Share of the pairs of users and items that are interactions.</param>
/// <param name="PopularityGini">Gini coefficient of item popularity.</param>
/// <param name="TopTenthShare">Share of the interactions that the most popular tenth of the items has.</param>
/// <param name="MedianAgeDays">Age of the median event in days, at least: 0, 1, 7, 30, 90 or 365; null without times.</param>
/// <param name="LastAgeDays">Age of the last event, likewise.</param>
/// <param name="Drift">Jensen–Shannon divergence of interests from the federation's, in percent of 1 bit; null when too few users share any.</param>
[GenerateSerializer, Immutable, Alias("fedrec.party-data")]
public sealed record PartyData(
    [property: Id(0)] string Party,
    [property: Id(1)] long Users,
    [property: Id(2)] long Interactions,
    [property: Id(3)] PercentBand Density,
    [property: Id(4)] PercentBand PopularityGini,
    [property: Id(5)] PercentBand TopTenthShare,
    [property: Id(6)] int? MedianAgeDays,
    [property: Id(7)] int? LastAgeDays,
    [property: Id(8)] PercentBand? Drift);

/// <summary>A share that is known roughly, in percent.</summary>
/// <param name="From">Lower end; it belongs to the band.</param>
/// <param name="To">Upper end.</param>
[GenerateSerializer, Immutable, Alias("fedrec.percent-band")]
public sealed record PercentBand(
    [property: Id(0)] int From,
    [property: Id(1)] int To);
